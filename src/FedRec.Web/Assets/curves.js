// What the charts show, as plain values: { x, test, validation, references }.

export function lossCurve(rounds) {
  const points = rounds.filter(r => r.loss !== null).sort((a, b) => a.round - b.round);
  return { x: points.map(r => r.round), test: points.map(r => r.loss), validation: points.map(() => null), references: [] };
}

/** A metric of the learner by round on both splits, and the baselines' values on the test split. */
export function metricCurve(name, evaluations, learner) {
  const known = evaluations.filter(e => e.metrics[name] != null);
  const ours = known.filter(e => e.name === learner);
  const x = [...new Set(ours.map(e => e.round))].sort((a, b) => a - b);
  const at = (round, onValidation) => ours.findLast(e => e.round === round && e.onValidation === onValidation)?.metrics[name] ?? null;
  return {
    x,
    test: x.map(round => at(round, false)),
    validation: x.map(round => at(round, true)),
    references: known.filter(e => e.name !== learner && !e.onValidation).map(e => ({ name: e.name, value: e.metrics[name] })),
  };
}
