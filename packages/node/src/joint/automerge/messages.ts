/** What the process that runs Automerge is asked. Bytes are changes that `readChange` has found to be plain. */
export type AutomergeRequest =
  /** Begins a document anew from changes, each after what it builds on. */
  | { readonly do: 'load'; readonly document: string; readonly changes: readonly Uint8Array[] }
  | { readonly do: 'apply'; readonly document: string; readonly change: Uint8Array }
  | { readonly do: 'read'; readonly document: string }
  /** Makes a change that is not applied yet. `text` is the whole new text. */
  | {
      readonly do: 'edit'
      /** Null: a document that this change creates. */
      readonly document: string | null
      readonly actor: string
      readonly set: Readonly<Record<string, string | number>>
      readonly unset: readonly string[]
      readonly text: string | null
    }
  | { readonly do: 'free'; readonly document: string }

/** What Automerge makes of a document. */
export interface DocumentContent {
  /** Hex, sorted. */
  readonly heads: readonly string[]
  readonly text: string
  /** Of each path the values that stand there, by the name of the operation, the one that holds first. Names are '' where there is one. */
  readonly values: Readonly<Record<string, readonly (readonly [op: string, value: unknown])[]>>
}

export type AutomergeAnswer =
  | { readonly ok: true; readonly change?: Uint8Array; readonly content?: DocumentContent }
  /** The document of the question is not held any more. */
  | { readonly ok: false; readonly message: string }
