/**
 * Loaded into a gateway by `node --import`: its wall clock is off by FIRE_CLOCK_SHIFT ms and jumps by an hour more at each
 * SIGUSR2, forwards first and then back. The monotonic clock is left alone, as a real jump leaves it.
 */
const RealDate = Date;
let shift = Number(process.env.FIRE_CLOCK_SHIFT ?? 0);
let jump = 3_600_000;
const now = () => RealDate.now() + shift;
globalThis.Date = new Proxy(RealDate, {
  construct: (target, given, as) => Reflect.construct(target, given.length === 0 ? [now()] : given, as),
  apply: () => new RealDate(now()).toString(),
  get: (target, key, receiver) => (key === 'now' ? now : Reflect.get(target, key, receiver)),
});
process.on('SIGUSR2', () => {
  shift += jump;
  jump = -jump;
});
