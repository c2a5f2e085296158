import { JointError } from '../joint-error.ts'
import type { DocumentContent } from './messages.ts'
import type { AutomergeProcess } from './run-automerge.ts'

/** Documents as the process holds them. What it has lost with a life is loaded again from what is stored. */
export interface LoadedDocuments {
  /** Applies a change to a document. @throws {JointError} `JOINT_APPLY`, `JOINT_WORKER` */
  readonly apply: (document: string, change: Uint8Array) => Promise<void>
  readonly read: (document: string) => Promise<DocumentContent>
  /** Makes a change without applying it. @throws {JointError} `JOINT_APPLY` when nothing is changed */
  readonly edit: (
    document: string | null,
    edit: {
      readonly actor: string
      readonly set: Readonly<Record<string, string | number>>
      readonly unset: readonly string[]
      readonly text: string | null
    },
  ) => Promise<Uint8Array>
  /** The document is to be loaded anew: some of its changes do not count any more. */
  readonly forget: (document: string) => void
}

/** Most documents that lie in the memory of the process. */
const MOST_LOADED = 16

/** @param changesOf changes that count, in order, as they are stored */
export function createLoadedDocuments(
  automerge: AutomergeProcess,
  changesOf: (document: string) => readonly Uint8Array[],
): LoadedDocuments {
  let life = 0
  const loaded = new Set<string>()
  const current = (): Set<string> => {
    if (automerge.pid() === null || automerge.life() !== life) loaded.clear()
    life = automerge.life()
    return loaded
  }
  const ensure = async (document: string): Promise<void> => {
    if (current().has(document)) return
    const [oldest] = loaded
    if (loaded.size >= MOST_LOADED && oldest !== undefined) {
      loaded.delete(oldest)
      await automerge.ask({ do: 'free', document: oldest })
    }
    await automerge.ask({ do: 'load', document, changes: changesOf(document) })
    life = automerge.life()
    loaded.add(document)
  }
  /** What went wrong may have left the document half done. */
  const losing = async <T>(document: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      loaded.delete(document)
      throw error
    }
  }
  return {
    apply: (document, change) =>
      losing(document, async () => {
        await ensure(document)
        await automerge.ask({ do: 'apply', document, change })
      }),
    read: (document) =>
      losing(document, async () => {
        await ensure(document)
        const { content } = await automerge.ask({ do: 'read', document })
        if (content === undefined) throw new JointError('JOINT_WORKER', 'no content was given')
        return content
      }),
    edit: (document, edit) =>
      losing(document ?? '', async () => {
        if (document !== null) await ensure(document)
        const { change } = await automerge.ask({ do: 'edit', document, ...edit })
        if (change === undefined) throw new JointError('JOINT_WORKER', 'no change was given')
        return change
      }),
    forget: (document) => loaded.delete(document),
  }
}
