// b24apply and the official JavaScript SDK at the same jobs, against the portal in a box over
// TLS with the limits of the standard plan: bench.mjs DIR ITEMS [PAGE]. Every job begins
// with a portal of its own, whose counter of requests is empty. It ends with status 1 if
// b24apply breaks one of its promises; what the SDK does is measured and not judged.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { broken } from './bench-check.mjs'
import { declare, jobs } from './bench-jobs.mjs'
import { manifests, ndjson, versions } from './bench-data.mjs'
import { Portal, audit } from './bench-portal.mjs'
import { page, table } from './bench-page.mjs'

const [dir, count, pagePath] = process.argv.slice(2)
const items = Number(count)
const encrypted = ['--limits', 'standard', '--tls-cert', join(dir, 'cert.pem'), '--tls-key', join(dir, 'key.pem')]
const seed = join(dir, 'seed.db')
const { first, second } = versions(items)

// run starts a program in a folder of its own and returns its output, its time and its status.
async function run(command, args, webhook, cwd) {
  const env = {
    PATH: process.env.PATH, HOME: cwd, B24_WEBHOOK_URL: webhook,
    SSL_CERT_FILE: join(dir, 'cert.pem'), NODE_EXTRA_CA_CERTS: join(dir, 'cert.pem')
  }
  const start = performance.now()
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const out = { text: '', errors: '' }
  child.stdout.setEncoding('utf8').on('data', (data) => { out.text += data })
  child.stderr.setEncoding('utf8').on('data', (data) => { out.errors += data })
  const [status] = await once(child, 'close')
  return { ...out, status, seconds: (performance.now() - start) / 1000 }
}

// measure does a job in one way and returns what the portal and the program say.
async function measure(job, way, cwd) {
  mkdirSync(cwd)
  const data = join(cwd, 'portal.db')
  const deals = job.updates ? second : first
  if (job.full) copyFileSync(seed, data)
  writeFileSync(join(cwd, 'deals.yaml'), manifests(deals))
  writeFileSync(join(cwd, 'deals.ndjson'), ndjson(deals, job.updates))
  const portal = await Portal.open(data, ...encrypted, ...(job.flags ?? []))
  let out, stats
  try {
    out = await run(...way.command, portal.webhook, cwd)
    stats = await portal.stats()
  } finally {
    await portal.close()
  }
  const done = out.status === 0 || job.drops && out.status === 3
  if (way.ours && !done) throw new Error(`${job.name}, ${way.way}: status ${out.status}: ${out.errors}`)
  const claim = done ? way.claim(out, cwd) : { ids: [], unknown: items }
  const found = job.reads ? compared(claim.ids) : await audit(data, deals)
  return {
    job, ours: way.ours, way: done ? way.way : `${way.way} (aborted)`, items, claim, seconds: out.seconds, requests: stats.requests,
    refused: Object.values(stats.refused ?? {}).reduce((all, n) => all + n, 0),
    dropped: stats.faults?.['drop-after'] ?? 0,
    duplicates: found.duplicates, missing: found.missing, stale: found.stale ?? 0
  }
}

// compared is what a list has twice or lacks.
function compared(ids) {
  const distinct = new Set(ids)
  return { duplicates: ids.length - distinct.size, missing: first.filter((deal) => !distinct.has(deal.id)).length }
}

// plant makes the file of a portal that has all deals, and notes their ids.
async function plant() {
  const cwd = join(dir, 'seed')
  mkdirSync(cwd)
  writeFileSync(join(cwd, 'deals.yaml'), manifests(first))
  const portal = await Portal.open(seed, '--limits', 'off')
  const out = await run(...declare, portal.webhook, cwd).finally(() => portal.close())
  if (out.status !== 0) throw new Error(`seed: ${out.errors}`)
  const ids = new Map((await audit(seed, first)).rows.map((row) => [row.originId, row.id]))
  for (const deal of [...first, ...second]) deal.id = ids.get(deal.key)
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1)) // the portal ends too
await plant()
const pairs = jobs(items).flatMap((job) => job.ways.map((way) => [job, way]))
const results = []
for (const [i, [job, way]] of pairs.entries()) {
  console.error(`${i + 1} of ${pairs.length}: ${job.name}, ${way.way}`)
  results.push(await measure(job, way, join(dir, String(i))))
}
console.log(table(results))
if (pagePath) writeFileSync(pagePath, page(results, items))
const faults = results.flatMap(broken)
for (const fault of faults) console.error(`bench-peers: ${fault}`)
process.exitCode = faults.length > 0 ? 1 : 0
