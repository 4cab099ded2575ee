// What every test may know of the program that runs for all of them.

const VARIABLE = 'END2END_WORLD';

/** Its address and folder, where its HeyReach answers, the demo's password, sessions by who has them, where links
 *  lead, an API key. */
export function world() {
  return JSON.parse(process.env[VARIABLE]);
}

/** Tells it, also to the processes that run tests. */
export function tellWorld(known) {
  process.env[VARIABLE] = JSON.stringify(known);
}
