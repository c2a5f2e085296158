import { type ImportRequest, openNode, type RecordEdit, type RunningNode } from '@entente/node'
import type { Nation } from '@entente/schema'
import { nowMs, serveVerbs } from '../child.ts'
import { startProfile, stopProfile } from '../profile.ts'

/** One node of a nation, driven over its parent's pipe. Times are of the machine's monotonic clock. */
let node: RunningNode | null = null
const open = (): RunningNode => {
  if (node === null) throw new Error('the node is not open yet')
  return node
}
const admitted = new Set<() => void>()

/**
 * Resolves with the time at which a search finds `count` rows. Many rows take long to look up: then it is the time of
 * the admission after which they were found, and nobody looks before that many statements have come in.
 */
function found({ text, count, statements }: { text: string; count: number; statements: number }) {
  return new Promise<number>((resolve, reject) => {
    let seen = 0
    const look = (): void => {
      const atMs = nowMs()
      if (++seen < statements) return
      open()
        .search({ text, limit: count + 1 })
        .then((rows) => {
          if (rows.length < count) return
          admitted.delete(look)
          resolve(count === 1 ? nowMs() : atMs)
        })
        .catch(reject)
    }
    admitted.add(look)
  })
}

const verbs = {
  open: async ({ folder }: { readonly folder: string }) => {
    node = await openNode({
      folder,
      network: true,
      onStep: (step) => {
        // Called after the commit that brought the values into the view.
        if (step === 'admit:body') for (const look of admitted) look()
      },
    })
    return node.nation
  },
  status: (_: null) => open().status(),
  policyInstall: (signed: unknown) => open().policyInstall(signed),
  subscribe: (request: { dataset: string; from: Nation; action: 'subscribe' }) =>
    open().subscribe(request),
  importFile: async (request: ImportRequest) => {
    const { id } = await open().importStage(request)
    return open().importApply({ id, author: request.author })
  },
  ids: async (dataset: string) =>
    (await open().recordList({ dataset, limit: 1_000 })).map(({ id }) => id),
  /** What waits for release: number of puts and the plan's digest. */
  preview: async (dataset: string) => {
    const { plan, nations } = await open().preview({ dataset })
    return { plan, puts: nations.reduce((sum, { puts }) => sum + puts, 0) }
  },
  run: async (plan: string) => {
    const startMs = nowMs()
    const { puts } = await open().run({ plan })
    return { startMs, puts }
  },
  edit: async (request: RecordEdit) => {
    const startMs = nowMs()
    await open().recordEdit(request)
    return startMs
  },
  found,
  startProfile: (_: null) => startProfile(),
  stopProfile,
}
export type NodeVerbs = typeof verbs

serveVerbs(verbs, async () => node?.[Symbol.asyncDispose]())
