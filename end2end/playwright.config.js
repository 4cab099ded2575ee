import { defineConfig, devices } from '@playwright/test';

// Debian's browser, because none may be downloaded; told to stay at home.
const CHROMIUM = {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
  ],
};

/** What tests and screenshots share. */
export const common = {
  globalSetup: './program.js',
  // All tests look at one ledger, and some of them count what comes in.
  workers: 1,
  fullyParallel: false,
  forbidOnly: Boolean(process.env.CI),
  // A busy machine is no reason to fail; what fails three times is.
  retries: process.env.CI ? 2 : 0,
  timeout: 30_000,
  expect: { timeout: 5_000 },
  use: {
    ...devices['Desktop Chrome'],
    viewport: { width: 1440, height: 900 },
    locale: 'en-US',
    timezoneId: 'UTC',
    launchOptions: CHROMIUM,
    trace: 'off',
    navigationTimeout: 10_000,
    screenshot: 'only-on-failure',
  },
};

export default defineConfig({
  ...common,
  testDir: 'tests',
  reporter: 'list',
  projects: [
    { name: 'script' },
    { name: 'plain', grep: /@plain/, use: { javaScriptEnabled: false } },
  ],
});
