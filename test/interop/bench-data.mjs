// What is declared in a measurement, in the forms that the programs take.
import { numbers } from './check.mjs'

const owner = 'b24apply:default' // the mark of manifests without a project

// versions are the deals to add, and the same deals as they are to become.
export function versions(count) {
  const make = (word) => numbers(count).map((i) => ({
    key: `deal-${String(i).padStart(6, '0')}`, title: `${word} ${i} «ü» & 5%`, opportunity: `${i}.25`
  }))
  return { first: make('Offer'), second: make('Order') }
}

// manifests declares deals in YAML.
export function manifests(deals) {
  return deals.map(({ key, title, opportunity }) => `---
apiVersion: b24apply/v1
kind: Deal
metadata: {name: ${key}}
spec: {fields: {title: "${title}", opportunity: "${opportunity}", currencyId: EUR}}
`).join('')
}

// ndjson has the parameters of a call on each line, those of an update with the id.
export function ndjson(deals, withID) {
  return deals.map(({ id, key, title, opportunity }) => {
    const fields = { title, opportunity, currencyId: 'EUR', originatorId: owner, originId: key }
    return JSON.stringify(withID ? { id, fields } : { fields }) + '\n'
  }).join('')
}
