import { createRequire } from 'node:module'
import {
  cedarRequestOf,
  createDecider,
  decide,
  exportCedar,
  openCedarAnswer,
  type Question,
} from '@entente/policy'
import { nowMs } from '../child.ts'
import { type Measured, row } from '../report.ts'
import type { Size } from '../size.ts'
import { bigPolicy, fieldNames, makeLabels, makeRecords, partners } from './big-policy.ts'

const atMs = Date.UTC(2026, 2, 1)
const asked = partners.map((recipient) => ({
  recipient,
  sender: 'USA',
  purpose: 'use' as const,
  atMs,
}))
/** Records made at a time: they are no part of what is measured, nor of its memory. */
const perBatch = 1_000

/**
 * Decides every field of many records for thirty partners, under thirty rows: beside as many look-ups in a table of numbers, which
 * no decision can do without, and some of them beside Cedar.
 */
export function measureDecide(size: Size, talk: (words: string) => void): Measured {
  talk(`decide-cedar: ${size.cedarQuestions} questions to both engines`)
  const cedar = measureCedar(size.cedarQuestions, size)
  const count = size.decideRecords * partners.length * fieldNames.length
  talk(`decide-60m: ${count} decisions`)
  const many = measureMany(size)
  const perMs = (ms: number) => (1_000 * ms) / size.cedarQuestions
  return {
    figures: {
      'cedar µs': perMs(cedar.cedarMs),
      'decide µs': perMs(cedar.plainMs),
      'decide remembered µs': perMs(cedar.rememberedMs),
      'decisions, million': count / 1e6,
      'decide-60m s': many.oursMs / 1_000,
      'decide-60m floor s': many.floorMs / 1_000,
      'decide-60m RSS MB': many.rssMb,
      'decide-60m labels': size.decideLabels,
    },
    rows: [
      row('decide-cedar', cedar.plainMs / cedar.cedarMs),
      row('decide-60m', many.oursMs / many.floorMs),
    ],
  }
}

/** The same questions to the engine without and with a memory, and to Cedar with policies and schema already parsed. */
function measureCedar(count: number, size: Size) {
  // Its entry for Node is CommonJS.
  const wasm = createRequire(import.meta.url)(
    '@cedar-policy/cedar-wasm/nodejs',
  ) as typeof import('@cedar-policy/cedar-wasm/nodejs')
  const policy = bigPolicy({ edition: 1 })
  const exported = exportCedar(policy.document)
  const policies = { staticPolicies: { ...exported.staticPolicies } }
  const loaded = [
    wasm.preparsePolicySet('bench', policies),
    wasm.preparseSchema('bench', exported.schema),
  ]
  for (const answer of loaded)
    if (answer.type === 'failure') throw new Error(`Cedar refuses: ${JSON.stringify(answer)}`)
  const labels = makeLabels(size.decideLabels, size.seed)
  const questions: Question[] = []
  for (const record of makeRecords(count, labels, size.seed)) {
    const i = questions.length
    const to = asked[i % asked.length]
    const field = fieldNames[i % fieldNames.length]
    if (to !== undefined && field !== undefined) questions.push({ ...to, record, field })
  }
  const requests = questions.map((question) => cedarRequestOf(question, policy, exported))
  const askCedar = (request: (typeof requests)[number]) => {
    const answer = wasm.statefulIsAuthorized({
      ...request,
      preparsedPolicySetId: 'bench',
      preparsedSchemaName: 'bench',
      validateRequest: true,
      entities: [],
    } as never)
    if (answer.type === 'failure') throw new Error(`Cedar fails: ${answer.errors[0]?.message}`)
    return openCedarAnswer(answer.response.diagnostics.reason, exported)
  }
  const decider = createDecider(policy)
  for (const [i, question] of questions.entries()) {
    const ours = [...decide(question, policy).rules].sort().join()
    const request = requests[i]
    const theirs = request && Object.values(askCedar(request)).flat().sort().join()
    if (ours !== theirs) throw new Error(`the engines differ: ${ours} and ${theirs}`)
    decider.decide(question)
  }
  return {
    cedarMs: timed(() => requests.map(askCedar)),
    plainMs: timed(() => questions.map((question) => decide(question, policy))),
    rememberedMs: timed(() => questions.map((question) => decider.decide(question))),
  }
}

function measureMany(size: Size) {
  const decider = createDecider(bigPolicy({ edition: 1 }))
  const labels = makeLabels(size.decideLabels, size.seed)
  const numbers = new Map(labels.map((label, i) => [JSON.stringify(label), i]))
  const tables = partners.map(() => new Int32Array(labels.length).fill(1))
  let [oursMs, floorMs, rssMb, released, sum] = [0, 0, 0, 0, 0]
  for (let done = 0; done < size.decideRecords; done += perBatch) {
    const records = [
      ...makeRecords(Math.min(perBatch, size.decideRecords - done), labels, done + 1),
    ]
    oursMs += timed(() => {
      for (const record of records) {
        const open = decider.openRecord(record)
        for (const to of asked) {
          const ask = open(to)
          for (const field of fieldNames) if (ask(field).effect !== 'deny') released++
        }
      }
    })
    const known = records.map(({ fields }) =>
      fieldNames.map((name) => numbers.get(JSON.stringify(fields[name]?.label)) ?? 0),
    )
    floorMs += timed(() => {
      for (const found of known)
        for (const table of tables) for (const label of found) sum += table[label] ?? 0
    })
    rssMb = Math.max(rssMb, process.memoryUsage.rss() / 2 ** 20)
  }
  if (released === 0 || sum === 0) throw new Error('nothing was released')
  return { oursMs, floorMs, rssMb }
}

function timed(work: () => unknown): number {
  const startMs = nowMs()
  work()
  return nowMs() - startMs
}
