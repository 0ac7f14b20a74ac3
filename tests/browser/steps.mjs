// Steps that build on one another, as subtests: once one has failed, those after it are not tried, and say so.
export function stepsOf(t) {
  let failed;
  return (name, work) => t.test(name, async (step) => {
    if (failed !== undefined) throw new Error(`not tried, because this failed: ${failed}`);
    failed = name;
    await work(step);
    failed = undefined;
  });
}
