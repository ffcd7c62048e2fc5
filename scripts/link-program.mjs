// Lets `npx tickstock` run this checkout at once; npm links a package's program only where it is a dependency.
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';

const folder = new URL('../node_modules/.bin/', import.meta.url);
const link = new URL('tickstock', folder);
mkdirSync(folder, { recursive: true });
rmSync(link, { force: true });
symlinkSync('../../bin/tickstock.js', link);
