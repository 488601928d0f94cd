/** Calls back once when the process that started this one is gone: a server never outlives a test run that was killed. */
export function whenOrphaned(stop) {
  const parent = process.ppid;
  const look = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(look);
    stop();
  }, 500);
  look.unref();
}
