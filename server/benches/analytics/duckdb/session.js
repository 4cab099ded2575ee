// A DuckDB in memory: each line of input is a list of statements, answered by `done` when all have been read to their last row.

import { createInterface } from 'node:readline';

import { DuckDBInstance } from '@duckdb/node-api';

const instance = await DuckDBInstance.create(':memory:');
const connection = await instance.connect();

for await (const line of createInterface({ input: process.stdin })) {
  for (const statement of JSON.parse(line)) {
    await connection.runAndReadAll(statement);
  }
  console.log('done');
}
