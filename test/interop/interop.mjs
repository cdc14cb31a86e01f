// The official SDK's own ways of working against the portal in a box. It ends with
// status 0 if every answer was right, else with 1 and the first that was not.
import { B24Hook, ParamsFactory } from '@bitrix24/b24jssdk'
import { checked, chunks, data, entity, equal, numbers, step } from './check.mjs'

const SEEDED = 5000
const ADDED = 500
const entityTypeId = entity.deal

const b24 = B24Hook.fromWebhookUrl(process.env.B24_WEBHOOK_URL.replace(/\/\s*$/, ''), {
  restrictionParams: ParamsFactory.fromTariffPlan('enterprise')
})
const { call, batch, batchByChunk, callList, fetchList } = b24.actions.v2
const stats = new URL('/__portal/stats', process.env.B24_WEBHOOK_URL)

const titleOf = (i) => `Bulk ${i} «ü» & $100 + 5%`
const amountOf = (i) => i + 0.25
const sum = (list) => list.reduce((total, item) => total + item.opportunity, 0)

async function seed() {
  const rows = numbers(SEEDED).map((i) => ({ title: titleOf(i), opportunity: amountOf(i) }))
  const calls = chunks(rows, 20).map((part) => ['crm.item.batchImport', { entityTypeId, data: part }])
  const answers = data(await batchByChunk.make({ calls }))
  const items = answers.flatMap((answer) => answer.items)
  equal(items.length, SEEDED, 'imported items')
  equal(new Set(items.map((entry) => entry.item.id)).size, SEEDED, 'distinct ids')
  return `${SEEDED} items by ${calls.length} commands`
}

// listed checks that a list holds the seeded items, each once and in order of id.
function listed(items) {
  equal(items.length, SEEDED, 'listed items')
  equal(items.map((item) => item.title), numbers(SEEDED).map(titleOf), 'titles in order')
  equal(items.map((item) => item.opportunity), numbers(SEEDED).map(amountOf), 'amounts in order')
  equal(items.every((item, i) => i === 0 || item.id > items[i - 1].id), true, 'ids grow')
}

const listing = { method: 'crm.item.list', idKey: 'id', customKeyForResult: 'items' }
const params = { entityTypeId, select: ['id', 'title', 'opportunity'] }

async function listAtOnce() {
  listed(data(await callList.make({ ...listing, params })))
  return `${SEEDED} items`
}

async function listAsStream() {
  const items = []
  let pages = 0
  for await (const page of fetchList.make({ ...listing, params })) {
    pages++
    items.push(...page)
  }
  listed(items)
  return `${items.length} items on ${pages} pages`
}

async function listByOffset() {
  let page = await call.make({ method: 'crm.item.list', params: { ...params, order: { id: 'ASC' }, filter: { '>=opportunity': SEEDED - 120 } } })
  const items = []
  let pages = 0
  for (;;) {
    pages++
    items.push(...data(page).result.items)
    equal(page.getTotal(), 120, 'total on each page')
    if (!page.isMore()) break
    page = await page.fetchNext(b24.getHttpClient('v2'))
  }
  equal(pages, 3, 'pages')
  equal(items.map((item) => item.title), numbers(120).map((i) => titleOf(SEEDED - 120 + i)), 'titles')
  return `${items.length} items on ${pages} pages`
}

async function add() {
  const calls = numbers(ADDED).map((i) => ['crm.item.add', {
    entityTypeId,
    fields: { title: titleOf(i), opportunity: amountOf(i), currencyId: 'USD', originatorId: 'interop', originId: String(i) }
  }])
  const items = data(await batchByChunk.make({ calls })).map((answer) => answer.item)
  equal(items.map((item) => item.title), numbers(ADDED).map(titleOf), 'added titles')
  equal(items.map((item) => typeof item.id), numbers(ADDED).map(() => 'number'), 'typed ids')
  equal(sum(items), numbers(ADDED).reduce((total, i) => total + amountOf(i), 0), 'added amounts')
  return [items.map((item) => item.id), `${items.length} items`]
}

async function update(ids) {
  const calls = ids.map((id, i) => ['crm.item.update', { entityTypeId, id, fields: { title: `Changed ${i}`, opportunity: 2 * i } }])
  const answers = data(await batchByChunk.make({ calls }))
  equal(answers.map((answer) => answer.item.id), ids, 'updated ids')
  const items = data(await callList.make({
    ...listing,
    params: { entityTypeId, select: ['id', 'title', 'opportunity', 'currencyId', 'originId'], filter: { '=originatorId': 'interop' } }
  }))
  equal(items.map(({ id, title, opportunity, currencyId, originId }) => ({ id, title, opportunity, currencyId, originId })),
    ids.map((id, i) => ({ id, title: `Changed ${i}`, opportunity: 2 * i, currencyId: 'USD', originId: String(i) })), 'items after the update')
  return `${items.length} items`
}

// references makes one batch whose commands need each other's answers.
async function references() {
  const answer = data(await batch.make({
    calls: {
      company: { method: 'crm.item.add', params: { entityTypeId: entity.company, fields: { title: 'Acme & Söhne' } } },
      contact: { method: 'crm.item.add', params: { entityTypeId: entity.contact, fields: { name: 'Ada', lastName: 'Lovelace', companyId: '$result[company][item][id]' } } },
      deal: { method: 'crm.item.add', params: { entityTypeId, fields: { title: 'Of $result[company][item][title]', companyId: '$result[company][item][id]', contactIds: ['$result[contact][item][id]'] } } },
      read: { method: 'crm.item.get', params: { entityTypeId, id: '$result[deal][item][id]' } },
      found: { method: 'crm.item.list', params: { entityTypeId, select: ['id', 'title'], filter: { '=companyId': '$result[company][item][id]' } } },
      gone: { method: 'crm.item.delete', params: { entityTypeId, id: '$result[found][items][0][id]' } }
    }
  }))
  const { company, contact, deal, read, found, gone } = answer
  equal(Object.keys(answer), ['company', 'contact', 'deal', 'read', 'found', 'gone'], 'names of the answers')
  equal(contact.item.companyId, company.item.id, 'company of the contact')
  equal(read.item, deal.item, 'the deal as it was read')
  equal([read.item.title, read.item.companyId, read.item.contactIds], [`Of ${company.item.title}`, company.item.id, [contact.item.id]], 'links of the deal')
  equal(found.items.map((item) => item.id), [deal.item.id], 'deals of the company')
  equal(gone, [], 'answer to a deletion')
  return '6 named commands'
}

async function refusals() {
  const calls = {
    good: { method: 'crm.item.list', params: { entityTypeId, select: ['id'] } },
    missing: { method: 'crm.item.get', params: { entityTypeId, id: 999999999 } },
    unknown: { method: 'crm.nothing.like.this', params: {} },
    after: { method: 'crm.item.fields', params: { entityTypeId } }
  }
  const going = await batch.make({ calls, options: { isHaltOnError: false, returnAjaxResult: true } })
  equal(going.isSuccess, false, 'success of a batch with failures')
  equal([...going.errors].map(([key, error]) => [key, error.code]).sort(),
    [['missing', 'NOT_FOUND'], ['unknown', 'ERROR_METHOD_NOT_FOUND']], 'errors by name')
  equal(Object.entries(going.getData()).filter(([, answer]) => answer.isSuccess).map(([key]) => key), ['good', 'after'], 'commands that ran')
  equal(going.getData().good.getTotal(), SEEDED + ADDED, 'total in a batch')
  const halted = await batch.make({ calls, options: { isHaltOnError: true } })
  equal([halted.isSuccess, Object.keys(halted.getData())], [false, ['good']], 'a halted batch')
  const alone = await call.make({ method: 'crm.item.get', params: { entityTypeId, id: 999999999 } }).then(
    (result) => [...result.errors].map(([, error]) => error), (error) => [error])
  equal(alone.map(({ status, code }) => [status, code]), [[400, 'NOT_FOUND']], 'an error alone')
  return '2 batches and a call'
}

async function executed() {
  const { commands } = await (await fetch(stats)).json()
  equal([commands['crm.item.batchImport'], commands['crm.item.add'], commands['crm.item.update'], commands['crm.item.delete']],
    [SEEDED / 20, ADDED + 3, ADDED, 1], 'commands that the portal counted')
  return `${Object.values(commands).reduce((total, n) => total + n, 0)} commands`
}

try {
  let ids
  await step('import', seed)
  await step('list, all at once', listAtOnce)
  await step('list, as a stream', listAsStream)
  await step('list, by offset', listByOffset)
  await step('add in batches', async () => {
    const [added, figures] = await add()
    ids = added
    return figures
  })
  await step('update in batches', () => update(ids))
  await step('named batch with references', references)
  await step('refusals', refusals)
  await step('counted by the portal', executed)
  console.log(`interop: ${checked()} checks passed`)
} catch (error) {
  console.error(`interop: ${error.message}`)
  process.exitCode = 1
}
