// The SDK's part of a measurement, a process of its own: bench-sdk.mjs JOB [FILE]. It works
// as the SDK's documentation advises for the job, and prints what it takes for done as JSON.
//
//   https://bitrix24.github.io/b24jssdk/docs/working-with-the-rest-api/choosing-the-right-method/
//   https://bitrix24.github.io/b24jssdk/docs/working-with-the-rest-api/limiters/
import { readFileSync } from 'node:fs'
import { ApiVersion, B24Hook, ParamsFactory } from '@bitrix24/b24jssdk'
import { chunks, entity, numbers } from './check.mjs'

const [job, file] = process.argv.slice(2)
const entityTypeId = entity.deal
const b24 = B24Hook.fromWebhookUrl(process.env.B24_WEBHOOK_URL.replace(/\/$/, ''), {
  restrictionParams: ParamsFactory.fromTariffPlan('standard')
})
const { batch, batchByChunk, call, fetchList } = b24.actions.v2

const items = file ? readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line)) : []
const calls = (method) => items.map(({ id, fields }) => [method, { entityTypeId, ...(id && { id }), fields }])

// write sends one command for each item, in chunks of 50.
async function write(method) {
  const result = await batchByChunk.make({ calls: calls(method), options: { isHaltOnError: false } })
  return { done: result.getData().length, failed: result.getErrorMessages().length }
}

// writeOnce does so with settings that the documentation advises where a repeated call would
// make duplicates. A chunk whose answer is lost ends with an exception, and the next one goes on.
async function writeOnce(method, settings) {
  b24.getHttpClient(ApiVersion.v2).ajaxClient.defaults.timeout = 120_000
  await b24.setRestrictionManagerParams({ ...ParamsFactory.fromTariffPlan('standard'), ...settings })
  const counts = { done: 0, failed: 0, unknown: 0 }
  for (const chunk of chunks(calls(method), 50)) {
    try {
      const result = await batch.make({ calls: chunk, options: { isHaltOnError: false } })
      counts.done += result.getData().length
      counts.failed += result.getErrorMessages().length
    } catch {
      counts.unknown += chunk.length
    }
  }
  return counts
}

const listing = { entityTypeId, select: ['id', 'title', 'originId'] }

// stream reads a list as the documentation advises for long ones.
async function stream() {
  const ids = []
  for await (const page of fetchList.make({ method: 'crm.item.list', params: listing, idKey: 'id', customKeyForResult: 'items' })) {
    ids.push(...page.map((item) => item.id))
  }
  return { ids }
}

// pages reads a list by offsets, with the pages packed into batches by hand.
async function pages() {
  const params = { ...listing, order: { id: 'ASC' } }
  const first = await call.make({ method: 'crm.item.list', params: { ...params, start: 0 } })
  const rest = numbers(Math.ceil(first.getTotal() / 50)).slice(1)
  const result = await batchByChunk.make({ calls: rest.map((n) => ['crm.item.list', { ...params, start: 50 * n }]) })
  return { ids: [first.getData().result, ...result.getData()].flatMap((answer) => answer.items.map((item) => item.id)) }
}

const jobs = {
  stream,
  pages,
  add: () => write('crm.item.add'),
  'add-careful': () => writeOnce('crm.item.add', { retryOnNetworkError: false }),
  'add-once': () => writeOnce('crm.item.add', { maxRetries: 1 }),
  update: () => write('crm.item.update')
}
console.log(JSON.stringify(await jobs[job]()))
