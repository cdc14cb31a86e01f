// The jobs of a measurement, and the ways to do each.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const binary = new URL('../../bin/b24apply', import.meta.url).pathname
const sdk = new URL('bench-sdk.mjs', import.meta.url).pathname

// The answers that a portal loses in the job that is about them.
const drops = 5

// What the portal needs for an item in the job that is about that, in seconds.
const cost = 0.02

// Each way to do a job has its program and arguments, and reads from its output what it
// claims: ids that it listed, or how many items are done, failed and unknown.
const call = (method, ...rest) => [binary, ['call', method, 'entityTypeId=2', ...rest]]
const parsed = (out) => JSON.parse(out.text)
const lines = (out) => out.text.trim().split('\n').map((line) => JSON.parse(line))
const listed = (out) => ({ ids: lines(out).map((row) => row.id) })
function claimedByCall(out) {
  const all = lines(out)
  const unknown = all.filter((line) => line.code === 'UNKNOWN_OUTCOME').length
  const done = all.filter((line) => !line.error).length
  return { done, unknown, failed: all.length - done - unknown }
}
function claimedByApply(out, cwd) {
  const statuses = JSON.parse(readFileSync(join(cwd, 'report.json'), 'utf8')).items.map((item) => item.status)
  const of = (status) => statuses.filter((s) => s === status).length
  return { done: of('succeeded'), unknown: of('unknown'), failed: statuses.length - of('succeeded') - of('unknown') }
}

const applied = { ours: true, way: '`b24apply apply`', command: [binary, ['apply', '-f', 'deals.yaml', '--yes', '--report', 'report.json']], claim: claimedByApply }
const called = (method) => ({ ours: true, way: '`b24apply call --items`', command: call(method, '--items', 'deals.ndjson', '--yes'), claim: claimedByCall })
const theirs = (way, ...args) => ({ ours: false, way, command: [process.execPath, [sdk, ...args]], claim: parsed })

// declare is how manifests are applied; a new portal is filled by it too.
export const declare = applied.command

// A job reads, adds or updates. Its portal is full, except where items are added, and
// may have costs and faults.
export const jobs = (items) => [
  {
    name: 'list', full: true, reads: true, ways: [
      { ours: true, way: '`b24apply call --all`', command: call('crm.item.list', 'select[]=id', 'select[]=title', 'select[]=originId', '--all'), claim: listed },
      theirs('SDK `fetchList`', 'stream'),
      theirs('SDK, pages in batches by hand', 'pages')
    ]
  },
  { name: 'add', ways: [applied, called('crm.item.add'), theirs('SDK `batchByChunk`', 'add', 'deals.ndjson')] },
  {
    name: `add, ${1000 * cost} ms each`, flags: ['--cost', `crm.item.add=${cost}`], ways: [applied, called('crm.item.add'), theirs('SDK `batchByChunk`', 'add', 'deals.ndjson')]
  },
  { name: 'update', full: true, updates: true, ways: [applied, called('crm.item.update'), theirs('SDK `batchByChunk`', 'update', 'deals.ndjson')] },
  {
    name: `add, ${drops} answers lost`, drops, ways: [
      applied, called('crm.item.add'),
      theirs('SDK `batchByChunk`', 'add', 'deals.ndjson'),
      theirs('SDK, `retryOnNetworkError: false`', 'add-careful', 'deals.ndjson'),
      theirs('SDK, `maxRetries: 1`', 'add-once', 'deals.ndjson')
    ],
    flags: ['--faults', `drop-after:crm.item.add,every=${Math.max(2, Math.floor(items / 50 / (drops + 1)))},n=${drops}`]
  }
]

