// The two screens as a reader finds their parts, and the way from what they show back to numbers.

import { expect } from '@playwright/test';

export const OVERVIEW = '/portal/command-center';
export const REVENUE = '/portal/revenue';
export const CHANNELS = '/portal/channels';
export const CUSTOMERS = '/portal/customers';
export const LEADS = '/portal/leads';

/** Opens a page that is expected to be there. */
export async function open(page, path) {
  const answer = await page.goto(path);
  expect(answer.status(), path).toBe(200);
  return answer;
}

/** The navigation beside every page of who is signed in. */
export function settingsLinks(page) {
  return page.getByRole('navigation', { name: 'Settings' }).getByRole('link');
}

/** Signs in through the form of the page that is open. */
export async function signInOn(page, { email, password }) {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** The row of a list of settings that mentions a text. */
export function settingsRow(page, text) {
  return page.getByRole('main').getByRole('listitem').filter({ hasText: text });
}

/** Waits until the islands have woken up. */
export async function untilAwake(page) {
  await expect(page.locator('[data-live]')).toHaveAttribute('data-live', 'on');
}

/** One of the figures of the first row, by its label. */
export function figure(page, label) {
  return page.getByRole('region', { name: 'Key figures' }).getByRole('link', { name: new RegExp(`^${label}`) });
}

/** The large text of a figure. */
export function valueOf(figure) {
  return figure.locator('.figure-value');
}

export function chart(page) {
  return page.getByRole('img', { name: /^Revenue by channel, / });
}

export function channelTable(page) {
  return page.getByRole('table', { name: /^Revenue by channel, / });
}

export function channelRow(page, name) {
  return channelTable(page).getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });
}

/** What came in and went back, channel by channel. */
export function partsTable(page) {
  return page.getByRole('table', { name: /^Payments and refunds by channel, / });
}

/** Found whether or not it is unfolded. */
export function periodsTable(page) {
  return page.getByRole('table', { name: 'Revenue by period and channel', includeHidden: true });
}

export function productTable(page) {
  return page.getByRole('region', { name: 'Revenue by product' }).getByRole('table');
}

export function ledger(page) {
  return page.getByRole('table', { name: 'Ledger rows, newest first' });
}

/** The rows of the ledger that mention a text. */
export function ledgerRows(page, text) {
  return ledger(page).locator('tbody > tr:not(.row-story)').filter({ hasText: text });
}

/** What the rows shown and those on later pages add up to. */
export function ledgerSum(page) {
  return page.locator('.ledger-sum strong');
}

/** `$1,204.50` in cents, `−$12` in cents, `875` as it is. */
export function numberIn(text) {
  const [, minus, sign, digits, cents] = /^(−?)(\$?)([\d,]+)(?:\.(\d\d))?$/.exec(text.trim()) ?? [];
  if (digits === undefined) throw new Error(`“${text}” is no number`);
  const whole = Number(digits.replaceAll(',', ''));
  const size = sign ? whole * 100 + Number(cents ?? 0) : whole;
  return minus ? -size : size;
}

/** Cents as the figures show them: without the cents. */
export function inWholeDollars(cents) {
  const dollars = Math.round(Math.abs(cents) / 100).toLocaleString('en-US');
  return `${cents < 0 ? '−' : ''}$${dollars}`;
}

/** Cents as the ledger shows them. */
export function inDollars(cents) {
  const dollars = (Math.abs(cents) / 100).toLocaleString('en-US', { minimumFractionDigits: 2 });
  return `${cents < 0 ? '−' : ''}$${dollars}`;
}
