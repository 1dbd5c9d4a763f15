/** Where an address is written, in every step that asks for one: password managers look for it. */

import type { JSX } from "preact";
import { TextField } from "../../design";
import { useT } from "../../i18n";
import type { Papers } from "../SignIn";

export function AddressField({ papers, error }: { papers: Papers; error: string | undefined }): JSX.Element {
  const t = useT();
  return (
    <TextField
      label={t("signin.email")}
      type="email"
      name="email"
      autoComplete="username"
      inputMode="email"
      required
      maxLength={254}
      value={papers.email}
      onInput={papers.setEmail}
      error={error}
    />
  );
}
