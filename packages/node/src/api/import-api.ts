import type { Deps } from '../deps.ts'
import { applyImport, whyNot } from '../import/draft/apply-import.ts'
import type { Import, ImportState, ImportStore } from '../import/draft/import-store.ts'
import {
  type ImportedRow,
  type ImportRowsRequest,
  importedRows,
} from '../import/draft/imported-rows.ts'
import { createImportStore } from '../import/draft/sqlite-import-store.ts'
import { type Claim, leastOf } from '../import/draft/stage-file.ts'
import { stageImport } from '../import/draft/stage-import.ts'
import { undoImport } from '../import/draft/undo-import.ts'
import { stageEdits } from '../import/edits/stage-edits.ts'
import { ImportError } from '../import/import-error.ts'
import { type LeastLabel, underDataset } from '../import/mapping/mapping.ts'
import {
  createMappingStore,
  type GivenMapping,
  type SavedMapping,
} from '../import/mapping/mapping-store.ts'
import type { TableInfo, TableOptions } from '../import/table/table.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Progress } from '../node-api.ts'
import type { View } from '../view/view.ts'

/** What may be asked about mappings and imports. */
export interface ImportApi {
  /** Reads a file through a mapping, or an exported table that comes back edited, into a draft; the ledger stays as it is. */
  readonly importStage: (request: ImportRequest, progress?: Progress) => Promise<ImportSummary>
  readonly importList: () => Promise<readonly ImportSummary[]>
  readonly importShow: (request: { readonly id: number }) => Promise<ImportSummary>
  /** Rows of an import, by what becomes of them. */
  readonly importRows: (request: ImportRowsRequest) => Promise<readonly ImportedRow[]>
  readonly importApply: (request: ImportAct, progress?: Progress) => Promise<ImportSummary>
  readonly importUndo: (request: ImportAct, progress?: Progress) => Promise<ImportSummary>
  /** Takes away a draft, or what an applied import needs to be undone: that one stays in the list. */
  readonly importDiscard: (request: {
    readonly id: number
    readonly giveUpUndo?: boolean | undefined
  }) => Promise<'forgotten' | 'closed'>
  readonly mappingSave: (
    request: GivenMapping & { readonly author: string },
  ) => Promise<SavedMapping>
  readonly mappingList: () => Promise<readonly SavedMapping[]>
  readonly mappingShow: (request: {
    readonly name: string
    readonly edition?: number | undefined
  }) => Promise<SavedMapping & { readonly text: string }>
}

export interface ImportRequest {
  /** Name shown in errors, such as the file's path as given. */
  readonly file: string
  readonly path: string
  /** A saved mapping by name, or one that is given; none for an exported table, whose rows are edits by hand. */
  readonly mapping?:
    | { readonly name: string; readonly edition?: number | undefined }
    | GivenMapping
    | undefined
  readonly table?: TableOptions | undefined
  /** A refused row refuses the whole import. */
  readonly strict?: boolean | undefined
  readonly author: string
  readonly reason: string
}

interface ImportAct {
  readonly id: number
  readonly author: string
  readonly reason?: string | undefined
}

export interface Tally {
  readonly code: string
  readonly count: number
}

/** One import in figures: rows read = created + updated + unchanged + refused. */
export interface ImportSummary {
  readonly id: number
  readonly state: ImportState
  readonly file: string
  readonly sizeBytes: number
  readonly sha256: string
  /** Null, as the two below, for an exported table that comes back. */
  readonly mapping: string | null
  readonly edition: number | null
  readonly mappingDigest: string | null
  /** Whether enough policy authorities have signed the mapping, so that its labels may widen. */
  readonly signed: boolean
  readonly info: TableInfo | null
  readonly failure: { readonly code: string; readonly message: string } | null
  readonly read: number
  readonly created: number
  readonly updated: number
  readonly unchanged: number
  readonly refused: number
  readonly refusals: readonly Tally[]
  readonly flags: readonly Tally[]
  /** Rows that contradict another row or themselves; counted above as well. */
  readonly contradictory: number
  /** Records of this mapping that the file no longer has; they stay. */
  readonly missing: number
  /** What applying, then undoing, did; empty before. */
  readonly results: Readonly<Record<string, number>>
  readonly author: string
  readonly reason: string
  readonly stagedAtMs: number
  readonly appliedBy: string | null
  readonly appliedAtMs: number | null
  readonly undoneBy: string | null
  readonly undoneAtMs: number | null
}

/** @param leastIn default label of a dataset in the policy in force; null: none */
export function createImportApi(
  deps: Deps,
  ledger: Ledger,
  view: View,
  leastIn: (dataset: string) => LeastLabel | null = () => null,
): ImportApi {
  const { db } = deps
  const store = createImportStore(db)
  const mappings = createMappingStore(deps)
  const busy = new Set<string>()
  const summary = (found: Import) => summaryOf(found, store)

  /** One act on an import at a time. */
  const alone = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    if (busy.has(what))
      throw new ImportError(
        'IMPORT_STATE',
        `${what} is being worked on already; wait until that is done`,
      )
    using _held = hold(what)
    return await work()
  }
  const hold = (what: string): Disposable => {
    busy.add(what)
    return { [Symbol.dispose]: () => busy.delete(what) }
  }
  const claim: Claim = (id) => (busy.has(`import ${id}`) ? null : hold(`import ${id}`))
  const mappingOf = (found: Import) => {
    const { mapping, mappingText, signatures } = found
    if (mapping === null || mappingText === null) return null
    const opened = mappings.open({ file: mapping, text: mappingText, signatures })
    return { ...opened, mapping: underDataset(opened.mapping, leastOf(found)) }
  }

  return {
    importStage: ({ file, path, mapping, table = {}, strict = false, author, reason }, progress) =>
      alone(file, async () => {
        const given = { file, path, table, strict, author, reason }
        if (mapping === undefined)
          return summary(await stageEdits(deps, store, ledger, view, given, claim, progress))
        const ready =
          'name' in mapping ? mappings.get(mapping.name, mapping.edition) : mappings.open(mapping)
        const request = { ...given, mapping: ready, least: leastIn(ready.mapping.dataset) }
        return summary(await stageImport(deps, store, ledger, request, claim, progress))
      }),
    importList: async () => store.list().map(summary),
    importShow: async ({ id }) => summary(store.get(id)),
    importRows: async (request) => {
      const found = store.get(request.id)
      return importedRows(found, request, { db, store, view, mapping: mappingOf(found)?.mapping })
    },
    importApply: ({ id, author, reason }, progress) =>
      alone(`import ${id}`, async () => {
        const draft = store.get(id)
        const change = { author, reason: reason ?? draft.reason }
        return summary(
          await applyImport(deps, store, ledger, draft, mappingOf(draft), change, progress),
        )
      }),
    importUndo: ({ id, author, reason }, progress) =>
      alone(`import ${id}`, async () => {
        const change = { author, reason: reason ?? `undo of import ${id}` }
        return summary(await undoImport(deps, store, ledger, store.get(id), change, progress))
      }),
    importDiscard: ({ id, giveUpUndo = false }) =>
      alone(`import ${id}`, async () => {
        const found = store.get(id)
        if (found.state === 'applying' || found.state === 'undoing')
          throw new ImportError('IMPORT_STATE', whyNot(found, 'discarded'))
        if (found.state === 'applied' && !giveUpUndo)
          throw new ImportError(
            'IMPORT_STATE',
            `import ${id} is applied: what would be discarded is what undoing it needs; say --give-up-undo if it shall never be undone`,
          )
        // What is in the ledger stays in the list of what was imported.
        if (found.state === 'applied') store.close(id)
        if (found.state === 'applied' || found.state === 'closed') return 'closed'
        store.discard(id)
        return 'forgotten'
      }),
    mappingSave: async ({ author, ...given }) => mappings.save(given, author),
    mappingList: async () => mappings.list(),
    mappingShow: async ({ name, edition }) => {
      const { mapping, text } = mappings.get(name, edition)
      const saved = mappings
        .list()
        .find((each) => each.name === name && each.edition === mapping.edition)
      if (saved === undefined) throw new ImportError('MAPPING_UNKNOWN', `no mapping ${name}`)
      return { ...saved, text }
    },
  }
}

function summaryOf(found: Import, store: ImportStore): ImportSummary {
  const { read, outcomes, results, refusals, flags, contradictory } = store.counts(found.id)
  const {
    size,
    digest,
    mappingText: _text,
    signatures: _signatures,
    options: _options,
    strict: _strict,
    missing,
    ...rest
  } = found
  return {
    ...rest,
    sizeBytes: size,
    mappingDigest: digest,
    read,
    created: outcomes.create,
    updated: outcomes.update,
    unchanged: outcomes.same,
    refused: outcomes.refused,
    refusals,
    flags,
    contradictory,
    missing: missing ?? 0,
    results,
  }
}
