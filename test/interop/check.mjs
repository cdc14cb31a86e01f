// What the steps share: checks that are counted, figures that are printed.
import assert from 'node:assert/strict'

const deal = 2
export const entity = { lead: 1, deal, contact: 3, company: 4 }

let checks = 0

// equal compares deeply and names what differs.
export function equal(got, want, what) {
  checks++
  assert.deepEqual(got, want, what)
}

export function checked() {
  return checks
}

// step runs one part and prints how long it took.
export async function step(name, run) {
  const start = performance.now()
  const figures = await run()
  const seconds = ((performance.now() - start) / 1000).toFixed(2)
  console.log(`${name.padEnd(34)} ${seconds.padStart(6)} s  ${figures}`)
}

// data returns what an SDK result holds, or fails with its errors.
export function data(result) {
  checks++
  assert.ok(result.isSuccess, result.getErrorMessages().join('; '))
  return result.getData()
}

// numbers lists the whole numbers from 0 up to n.
export function numbers(n) {
  return Array.from({ length: n }, (_, i) => i)
}

// chunks cuts a list into pieces of a size.
export function chunks(list, size) {
  const pieces = []
  for (let i = 0; i < list.length; i += size) pieces.push(list.slice(i, i + size))
  return pieces
}
