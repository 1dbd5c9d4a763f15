/** What is half written in a chat: kept while one looks something up, forgotten with the chat, never on a disk. */

let draft = { chatId: "", text: "" };

export function draftOf(chatId: string): string {
  return draft.chatId === chatId ? draft.text : "";
}

export function keepDraft(chatId: string, text: string): void {
  draft = { chatId, text };
}
