// The promises of b24apply that a measurement holds it to.

// most is how many HTTP requests a job may take. What was written under a lost answer
// has to be looked for: two requests each.
function most({ job, items }) {
  if (job.reads) return Math.ceil(items / 2500) + 20
  return Math.ceil(items / 50) + 10 + 2 * (job.drops ?? 0)
}

// broken names the promises that a result of b24apply breaks, and says of any
// result if the answers that should be lost were not.
export function broken(result) {
  const { job, way, ours, claim, items } = result
  const checks = [[result.dropped === (job.drops ?? 0), `${result.dropped} answers were lost, not ${job.drops ?? 0}`]]
  if (ours) {
    checks.push(
      [result.duplicates === 0, `${result.duplicates} duplicates`],
      [result.missing === 0, `${result.missing} missing`],
      [result.stale === 0, `${result.stale} not as declared`],
      [result.refused === 0, `${result.refused} requests refused by the limits`],
      [result.requests <= most(result), `${result.requests} requests, more than ${most(result)}`],
      [job.reads || claim.done + claim.unknown === items && claim.failed === 0, `reported ${JSON.stringify(claim)}`],
      [!claim.unknown || job.drops, `${claim.unknown} outcomes unknown although no answer was lost`]
    )
  }
  return checks.filter(([good]) => !good).map(([, text]) => `${job.name}, ${way}: ${text}`)
}
