import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createFederation, eventually } from './support/federation.ts'

const policy = (nation: string) =>
  JSON.parse(readFileSync(`examples/policies/${nation}.json`, 'utf8')) as unknown

const shared = { classification: 'UNCLASSIFIED', releasableTo: ['PARTNERS'], caveats: [] } as const

test('one record goes from one nation to another, all but the withheld field', async () => {
  await using federation = createFederation(['GBR', 'USA'])
  const [usa, gbr] = await Promise.all([federation.open('USA'), federation.open('GBR')])
  await eventually(
    'both serve',
    async () =>
      (await usa.status()).state === 'serving' && (await gbr.status()).state === 'serving',
  )

  await usa.policyInstall(federation.sign('USA', policy('USA')))
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  const record = await usa.recordAdd({
    kind: 'capability',
    dataset: 'production',
    author: 'analyst',
    reason: 'first record',
    fields: {
      title: 'Neutralizer',
      rate_msr: { number: '25', unit: 'each', per: 'year' },
      demand: { quantity: '777', unit: 'each', period: 'year' },
    },
    labels: { title: shared, rate_msr: shared },
  })
  const preview = await eventually('the preview names GBR', async () => {
    const seen = await usa.preview({})
    return seen.nations.some(({ nation }) => nation === 'GBR') ? seen : null
  })
  expect(preview.nations[0]?.lines[0]?.fields.map(({ field }) => field)).toEqual([
    'rate_msr',
    'title',
  ])
  await usa.run({ plan: preview.plan ?? '' })

  const seen = await eventually(
    'GBR sees it',
    async () => (await gbr.search({ text: 'neutralizer' }))[0],
  )
  expect(seen.originator).toBe('USA')
  const shown = await gbr.recordShow(record.id)
  expect(Object.keys(shown.fields).sort()).toEqual(['rate_msr', 'title'])
  await eventually(
    'USA has the acknowledgement',
    async () => (await usa.status()).partners[0]?.inSync,
  )
})
