// The figures for people.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'

const columns = ['Job', 'How', 'HTTP requests', 'Seconds', 'Refused by a limit', 'Duplicates', 'Missing', 'Reported as unknown']

const cells = (result) => [
  result.job.name, result.way, result.requests, result.seconds.toFixed(1), result.refused, result.duplicates, result.missing, result.claim.unknown ?? 0
].map(String)

// table is a Markdown table that is readable on a terminal too.
export function table(results) {
  const rows = [columns, ...results.map(cells)]
  const widths = columns.map((_, i) => Math.max(...rows.map((row) => row[i].length)))
  const line = (row) => `| ${row.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(' | ')} |`
  const rule = `|${widths.map((n, i) => (i < 2 ? '-'.repeat(n + 2) : `${'-'.repeat(n + 1)}:`)).join('|')}|`
  return [line(columns), rule, ...rows.slice(1).map(line)].join('\n')
}

// machine says where the figures are from.
function machine() {
  const go = execFileSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' }).trim().replace('go', 'Go ')
  return `${cpus().length} CPUs (${cpus()[0].model}), ${go}, Node.js ${process.version.slice(1)}`
}

// page is docs/benchmarks.md.
export function page(results, items) {
  const sdk = JSON.parse(readFileSync(new URL('node_modules/@bitrix24/b24jssdk/package.json', import.meta.url), 'utf8')).version
  const count = items.toLocaleString('en')
  const least = Math.ceil((Math.ceil(items / 50) - 50) / 2)
  return `# Benchmarks

b24apply and the official JavaScript SDK (\`@bitrix24/b24jssdk\` ${sdk}) at the same jobs with ${count} deals, against the
[portal in a box](portal.md) over TLS, with the limits of the standard plan. \`make bench-peers\` measures it anew and writes this page.

Each line was run once, on one machine with ${machine()}, where the portal was a process
beside the program. Counts hardly vary; seconds do, with the machine. A real portal needs more time for a record than this one.

${table(results)}

## How it is measured

- Every line is a program of its own, timed from its start to its end, against a portal of its own whose counter of requests is empty. The time
  of \`apply\` includes reading ${count} manifests, the plan and checking what was stored.
- The portal counts requests and refusals. Duplicates and missing deals are counted by reading all deals once the program has ended.
- The SDK works as its documentation advises for the job: [choosing the method](https://bitrix24.github.io/b24jssdk/docs/working-with-the-rest-api/choosing-the-right-method/)
  and, for creating, [its settings](https://bitrix24.github.io/b24jssdk/docs/working-with-the-rest-api/limiters/). It is told the standard plan.
  “Pages in batches by hand” is what an experienced user makes of \`batchByChunk\`.
- “20 ms each”: the portal takes that long for every record, as \`--cost crm.item.add=0.02\` has it.
- “Answers lost”: the portal executes a batch and closes the connection without an answer. “Unknown” are the deals of which the program
  says itself that it does not know: \`UNKNOWN_OUTCOME\` of b24apply, an exception for the chunk of the SDK.

## How to read it

- Adding and updating takes both 50 records to a request, and 50 requests at once and 2 a second after that are all that the portal
  allows: ${count} records take anyone ${least} seconds at least. Where the portal needs time for a record, it matters whether batches wait for each other, as
  the SDK's do, or several are in flight.
- \`call --all\` and pages in batches both read about 2,500 rows a request. By hand they are read by offset, so that a deal which
  is deleted meanwhile makes the list skip another; b24apply goes by ids.
- The portal's counter sinks once a second, as its [documentation](https://apidocs.bitrix24.com/limits.html) has it; the SDK reckons that it sinks
  evenly, runs over it now and then, and is refused. It waits and sends again, unless it was told not to.
- A lost answer makes the SDK send the batch again by default, which adds all its deals a second time and reports them as done. \`retryOnNetworkError:
  false\` does not prevent it here: Node.js calls a closed connection \`ECONNRESET\`, which the SDK does not count among network errors. \`maxRetries: 1\`
  does, but sends nothing again that was refused for pace either: those deals are missing. What was added is then for its user to find out.
- \`apply\` looks for the mark of every deal whose answer was lost, and knows. \`call\` has no mark to look for, repeats nothing that
  may have been done, and names each deal as unknown.
`
}
