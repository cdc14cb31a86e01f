// The portal of a measurement: a process of its own over a file, with the limits of the
// standard plan, and without any while its records are audited.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { once } from 'node:events'

const binary = new URL('../../bin/b24apply', import.meta.url).pathname

// A Portal serves the records of one file until it is closed.
export class Portal {
  // open starts a portal with flags of "b24apply portal" and waits until it serves.
  static async open(file, ...flags) {
    const child = spawn(binary, ['portal', '--addr', '127.0.0.1:0', '--data', file, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] })
    const kill = () => child.kill()
    process.once('exit', kill)
    child.once('exit', () => process.off('exit', kill))
    let errors = ''
    child.stderr.on('data', (data) => { errors += data })
    for await (const line of createInterface(child.stdout)) {
      child.stdout.resume()
      return new Portal(child, line.trim())
    }
    throw new Error(`the portal did not start: ${errors}`)
  }

  constructor(child, webhook) {
    this.child = child
    this.webhook = webhook
  }

  // stats are the portal's own counts of what it was asked.
  async stats() {
    return (await fetch(new URL('/__portal/stats', this.webhook))).json()
  }

  async close() {
    if (this.child.exitCode !== null) return
    const gone = once(this.child, 'exit')
    this.child.kill()
    await gone
  }

  // rows lists all deals in the order of their ids, page by page.
  async rows(select) {
    const all = []
    for (;;) {
      const params = { entityTypeId: 2, select: ['id', ...select], order: { id: 'ASC' }, filter: { '>id': all.at(-1)?.id ?? 0 }, start: -1 }
      const answer = await fetch(`${this.webhook}crm.item.list`, {
        method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(params)
      })
      const { result } = await answer.json()
      all.push(...result.items)
      if (result.items.length < 50) return all
    }
  }
}

// audit compares the deals of a file with those that were declared: what is there twice, what
// is missing, and what has not the title that it should have.
export async function audit(file, deals) {
  const portal = await Portal.open(file, '--limits', 'off')
  try {
    const rows = await portal.rows(['title', 'originId'])
    const byKey = new Map(rows.map((row) => [row.originId, row]))
    const declared = deals.filter((deal) => byKey.has(deal.key))
    return {
      rows,
      duplicates: rows.length - byKey.size,
      missing: deals.length - declared.length,
      stale: declared.filter((deal) => byKey.get(deal.key).title !== deal.title).length
    }
  } finally {
    await portal.close()
  }
}
