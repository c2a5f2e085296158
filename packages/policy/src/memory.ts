import type { DataRecord, Label } from '@entente/schema'
import { type CompiledPolicy, intervalOf, type TellingAttribute } from './compile.ts'
import { parseIsoDate } from './dates.ts'
import type { Decision } from './decide.ts'
import { fieldFactsOf, type Question, recordFactsOf } from './question.ts'
import { supplyKeyOf } from './supplier/compile.ts'

/** To whom, from whom, what for and when. */
export type Asked = Omit<Question, 'record' | 'field'>

/**
 * What has been decided, by numbers instead of keys. A record is read once: each of its labels gets a number, and so does
 * all else that a decision reads of a field. For each recipient, sender, purpose and date interval there is a table from
 * the two to the decision; each label counts there as what it means for that recipient, so that thousands of release
 * lists come to a few.
 */
export interface Memory {
  readonly isFull: () => boolean
  /** Number of what a record says of all its fields. */
  readonly recordOf: (record: DataRecord) => number
  readonly caseOf: (recordNumber: number, record: DataRecord, field: string) => Case
  readonly tableFor: (asked: Asked) => Table
}

/** All that a record says of one of its fields, as far as a decision reads it: equal ones have equal numbers. */
export interface Case {
  readonly label: number
  readonly rest: number
}

/** Decisions of one recipient, sender, purpose and date interval. */
export interface Table {
  readonly get: (found: Case) => Decision | undefined
  readonly set: (found: Case, decision: Decision) => Decision
}

/** Most that is remembered: labels or nations made up one by one must not fill the memory. Cells have four bytes. */
export interface Limits {
  readonly cases: number
  readonly cells: number
  readonly decisions: number
}

export function createMemory(policy: CompiledPolicy, limits: Limits): Memory {
  const records = createNumbers()
  const rests = createNumbers()
  const labels: (Label | null)[] = []
  const labelNumbers = createNumbers()
  const decisions: Decision[] = []
  const decisionNumbers = createNumbers()
  const tables = new Map<string, Map<string, Map<string, Map<number, Table>>>>()
  const meanings = new Map<string, (label: number) => number>()
  const fieldTells = new Map<string, string>()
  let cells = 0

  /** Which answers a value gets; values with the same are one to rows and agreements. */
  const tell = (attribute: TellingAttribute, value: string | null): string =>
    policy.tells[attribute].map((ask) => marks[`${ask(value)}`]).join('')

  /** Names in a release list count where they are the recipient or groups that it is in at some time. */
  function createMeaning(recipient: string): (label: number) => number {
    const numbers = createNumbers()
    const known = createCells((grown) => (cells += grown))
    return (number) => {
      const found = known.get(number)
      if (found > 0) return found
      const label = labels[number] ?? null
      const meant = label && {
        ...label,
        releasableTo: label.releasableTo.filter(
          (name) => name === recipient || policy.groups.ever(name, recipient),
        ),
      }
      const told = policy.releaseTells.map((ask) => marks[`${ask(label?.releasableTo ?? null)}`])
      const meaning = 1 + numbers.of(`${told.join('')} ${JSON.stringify(meant)}`)
      known.set(number, meaning)
      return meaning
    }
  }

  function createTable(recipient: string): Table {
    const meaningOf = at(meanings, recipient, () => createMeaning(recipient))
    const byRest: Cells[] = []
    return {
      get: ({ label, rest }) => decisions[(byRest[rest]?.get(meaningOf(label)) ?? 0) - 1],
      set: ({ label, rest }, decision) => {
        // Many questions get one and the same decision.
        const number = decisionNumbers.of(JSON.stringify(decision))
        decisions[number] ??= decision
        byRest[rest] ??= createCells((grown) => (cells += grown))
        byRest[rest].set(meaningOf(label), number + 1)
        return decisions[number]
      },
    }
  }

  return {
    isFull: () =>
      Math.max(rests.count(), labels.length, records.count(), fieldTells.size) >= limits.cases ||
      cells >= limits.cells ||
      decisions.length >= limits.decisions,
    recordOf: (record) => {
      // A record that consents name is never asked of a memory (`createDecider`), so its sources are not read here.
      const { kind, confidence, asOf, sources: _, ...always } = recordFactsOf(record)
      const asOfMs = parseIsoDate(asOf)
      // What reads the record's date, reads which side of a cut it is on.
      const interval = asOfMs === null ? null : intervalOf(policy, asOfMs)
      return records.of(
        JSON.stringify([interval, always, tell('kind', kind), tell('confidence', confidence)]),
      )
    },
    caseOf: (recordNumber, record, field) => {
      const told = at(fieldTells, field, () => tell('field', field))
      const { label, received, supply, ...rest } = fieldFactsOf(record, field)
      const others = { ...rest, unchanged: received?.unchanged === true }
      // Without a register nobody can have consented, whoever it is.
      const { register } = policy
      const asks = supply && register ? ` ${supplyKeyOf(supply, register.consents)}` : ''
      const number = labelNumbers.of(JSON.stringify(label))
      labels[number] ??= label
      return {
        label: number,
        rest: rests.of(`${recordNumber} ${told} ${JSON.stringify(others)}${asks}`),
      }
    },
    tableFor: ({ recipient, sender, purpose, atMs }) => {
      const perSender = at(tables, recipient, () => new Map())
      const perPurpose = at(perSender, sender, () => new Map())
      const perInterval = at(perPurpose, purpose, () => new Map())
      return at(perInterval, intervalOf(policy, atMs), () => createTable(recipient))
    },
  }
}

/** Small numbers by number, 0 where there is none. */
interface Cells {
  readonly get: (index: number) => number
  readonly set: (index: number, value: number) => void
}

function createCells(noteGrowth: (cells: number) => void): Cells {
  let numbers = new Int32Array(0)
  return {
    get: (index) => numbers[index] ?? 0,
    set: (index, value) => {
      if (index >= numbers.length) {
        const grown = new Int32Array(Math.max(index + 1, 16, numbers.length * 2))
        grown.set(numbers)
        noteGrowth(grown.length - numbers.length)
        numbers = grown
      }
      numbers[index] = value
    },
  }
}

const marks: Readonly<Record<string, string>> = { true: 'y', false: 'n', null: '?' }

/** Numbers of texts, from 0, in the order in which they come. */
function createNumbers() {
  const numbers = new Map<string, number>()
  return {
    of: (text: string): number => {
      const known = numbers.get(text)
      if (known !== undefined) return known
      numbers.set(text, numbers.size)
      return numbers.size - 1
    },
    count: () => numbers.size,
  }
}

function at<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const created = create()
  map.set(key, created)
  return created
}
