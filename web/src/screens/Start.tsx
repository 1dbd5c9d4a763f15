/** What one is looking for, and the button that everything here is for. */

import { navigate } from "../app/router";
import { session } from "../app/session";
import { useStore } from "../app/store";
import type { TalkController } from "../app/talk";
import { devicesTried, setWish, wish } from "../app/wish";
import { Button, ChipsInput, Notice, Page, RadioCards, Select } from "../design";
import { LONGEST_INTEREST, MOST_INTERESTS } from "../domain/interests";
import { LANGUAGES, languageName } from "../domain/languages";
import { locale, useT } from "../i18n";
import { Link } from "../parts/Link";
import { OnlineCount } from "../parts/OnlineCount";
import { PastChat } from "../parts/PastChat";
import { SanctionNotice } from "../parts/SanctionNotice";
import "./Start.css";

export function Start({ talk }: { talk: TalkController }) {
  const t = useT();
  const online = useStore(talk.state, (now) => now.online);
  const sanction = useStore(talk.state, (now) => now.sanction);
  const line = useStore(talk.state, (now) => now.line);
  const talking = useStore(talk.state, (now) => now.phase === "chatting" || now.phase === "waiting");
  const guest = useStore(session, (now) => now.state === "guest");

  return (
    <Page title={t("start.title")} lead={t("start.lead")}>
      <SanctionNotice sanction={sanction} onRead={() => talk.dismissSanction()} />
      {talking && <Running talk={talk} />}
      <form
        class="start"
        onSubmit={(event) => {
          event.preventDefault();
          meet(talk);
        }}
      >
        <WishFields />
        <div class="start-go">
          <Button kind="primary" size="large" icon="hand" type="submit" wide disabled={line === "refused"}>
            {t("start.meet")}
          </Button>
          <OnlineCount online={online} />
        </div>
      </form>
      <PastChat />
      {guest && (
        <p class="start-foot">
          {t("start.guest")} <Link to="signin">{t("line.signin")}</Link>
        </p>
      )}
      <p class="start-foot">
        {t("start.rules")} <Link to="help">{t("start.rules.link")}</Link>
      </p>
    </Page>
  );
}

/** The address follows the search by itself. Before the first video call one sees what the other side would see. */
function meet(talk: TalkController): void {
  const wanted = wish.get();
  if (wanted.withVideo && !devicesTried()) {
    navigate("devices");
  } else {
    talk.seek(wanted);
  }
}

function WishFields() {
  const t = useT();
  const wanted = useStore(wish);
  const languages = LANGUAGES.map((tag) => ({ value: tag as string, label: languageName(tag) }));
  return (
    <>
      <RadioCards
        label={t("start.how")}
        value={wanted.withVideo ? "video" : "text"}
        onChange={(value) => setWish({ withVideo: value === "video" })}
        options={[
          { value: "text", label: t("start.text"), hint: t("start.text.hint"), icon: "chat" },
          { value: "video", label: t("start.video"), hint: t("start.video.hint"), icon: "camera" },
        ]}
      />
      <ChipsInput
        label={t("start.interests")}
        hint={t("start.interests.hint")}
        placeholder={wanted.interests.length === 0 ? t("start.interests.example") : undefined}
        values={wanted.interests}
        onChange={(interests) => setWish({ interests })}
        max={MOST_INTERESTS}
        maxLength={LONGEST_INTEREST}
      />
      <Select
        key={locale.get()}
        label={t("start.language")}
        hint={t("start.language.hint")}
        value={wanted.language ?? ""}
        onChange={(tag) => setWish({ language: tag === "" ? null : tag })}
        options={[{ value: "", label: t("start.language.any") }, ...languages]}
      />
    </>
  );
}

/** Somebody came back here in the middle of it. */
function Running({ talk }: { talk: TalkController }) {
  const t = useT();
  const chatting = useStore(talk.state, (now) => now.phase === "chatting");
  return (
    <Notice
      kind="info"
      action={
        <Button kind="secondary" onClick={() => navigate(chatting ? "chat" : "waiting")}>
          {t("start.back")}
        </Button>
      }
    >
      {t(chatting ? "start.chatting" : "start.waiting")}
    </Notice>
  );
}
