import { defineConfig } from '@playwright/test';
import { common } from './playwright.config.js';

// Pictures to be looked at: `npm run screenshots` writes them to screenshots/.
export default defineConfig({ ...common, testDir: '.', testMatch: 'screenshots.js', reporter: 'list' });
