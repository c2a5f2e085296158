import { type ImportRequest, openNode, type RecordEdit, type RunningNode } from '@entente/node'
import { nowMs, serveVerbs } from '../child.ts'

/** One node without partners, driven over its parent's pipe. */
let node: RunningNode | null = null
const open = (): RunningNode => {
  if (node === null) throw new Error('the node is not open yet')
  return node
}

const verbs = {
  /** Resolves when the node can answer: with the number of records it holds. */
  open: async ({ folder }: { readonly folder: string }) => {
    node = await openNode({ folder, network: true })
    return (await node.recordList({ limit: 1 })).length
  },
  /** Reads a file into a draft and applies it. */
  importFile: async (request: ImportRequest) => {
    const startMs = nowMs()
    const draft = await open().importStage(request)
    const stagedMs = nowMs()
    const { read, created, unchanged, refused } = await open().importApply({
      id: draft.id,
      author: request.author,
    })
    return { stageMs: stagedMs - startMs, ms: nowMs() - startMs, read, created, unchanged, refused }
  },
  /** Some records of a dataset, apart from each other. */
  ids: async ({ dataset, count, every }: { dataset: string; count: number; every: number }) => {
    const rows = await open().recordList({ dataset, limit: count * every })
    return rows.filter((_, i) => i % every === 0).map(({ id }) => id)
  },
  edit: async (request: RecordEdit) => {
    const startMs = nowMs()
    await open().recordEdit(request)
    return nowMs() - startMs
  },
  /** Most memory the process held at once, MiB. */
  peakRss: (_: null) => process.resourceUsage().maxRSS / 1024,
}
export type LedgerVerbs = typeof verbs

serveVerbs(verbs, async () => node?.[Symbol.asyncDispose]())
