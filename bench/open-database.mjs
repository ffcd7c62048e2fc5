import { openDatabase } from '../dist/storage/database.js';

/** The embedded database of a folder, started when it is not up; to be closed. */
export function openIn(dataDir) {
  return openDatabase({ databaseUrl: undefined, dataDir, schema: 'public', asOf: undefined });
}
