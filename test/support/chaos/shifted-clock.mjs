// Loaded into a program by `node --import`, into each of its threads: lets its clock jump while it runs, as a machine's does when
// it is corrected or wakes up. The file named in CHAOS_CLOCK_FILE holds by how many ms the clock is off.
// Covered: Date.now(), new Date() and whatever is made of them, a logger's timestamps too. Not covered: timers, performance.now()
// and process.hrtime(), which are monotonic and do not jump on a real machine either; an Intl.DateTimeFormat asked for "now" by
// itself; the clocks of the database, Redis and the file system, which are other machines'.
import { readFileSync } from 'node:fs';

const file = process.env.CHAOS_CLOCK_FILE;
const LOOK_EVERY_MS = 50;

if (file !== undefined) {
  const RealDate = Date;
  const realNow = Date.now.bind(Date);
  let offMs = 0;
  const look = () => {
    try {
      offMs = Number(readFileSync(file, 'utf8')) || 0;
    } catch {
      offMs = 0;
    }
  };
  look();
  setInterval(look, LOOK_EVERY_MS).unref();
  const now = () => realNow() + offMs;
  RealDate.now = now;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, made) => Reflect.construct(target, args.length === 0 ? [now()] : args, made),
    apply: () => new RealDate(now()).toString(),
  });
}
