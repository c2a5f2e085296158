/**
 * What a check says without the text that it was given. Verification quotes what it could not read, as JSON: of a partner, none of that is
 * passed on to people.
 */
export const withoutQuotes = (message: string): string =>
  message.replaceAll(/"(?:[^"\\]|\\.?)*"?/gs, '…')
