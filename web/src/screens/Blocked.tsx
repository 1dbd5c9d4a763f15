/** Whom somebody blocked: by the names they had in the chat, and when. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { navigate } from "../app/router";
import { type Block, blocks, type Problem, session } from "../app/session";
import { useStore } from "../app/store";
import { Avatar, Button, Card, EmptyState, Notice, Page, Skeleton } from "../design";
import { locale, useT } from "../i18n";
import { day } from "./account/times";
import { complaint } from "./signin/complaints";
import "./account/account.css";

export function Blocked(): JSX.Element {
  const t = useT();
  const state = useStore(session, ({ state }) => state);
  const [list, setList] = useState<Block[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const load = async (): Promise<void> => {
    setProblem(null);
    const answer = await blocks();
    if (answer.ok) setList(answer.value);
    else setProblem(answer.problem);
  };
  useEffect(() => {
    if (state === "in") void load();
  }, [state]);
  return (
    <Page title={t("blocked.title")} lead={t("blocked.lead")} back={() => navigate("account")}>
      {problem && (
        <Notice
          kind="bad"
          action={
            <Button kind="quiet" size="small" onClick={load}>
              {t("account.retry")}
            </Button>
          }
        >
          {t(complaint(problem))}
        </Notice>
      )}
      {list === null && problem === null && <Skeleton />}
      {list?.length === 0 && (
        <EmptyState icon="heart" title={t("blocked.none")}>
          {t("blocked.none.words")}
        </EmptyState>
      )}
      {list !== null && list.length > 0 && <Names list={list} />}
    </Page>
  );
}

function Names({ list }: { list: readonly Block[] }): JSX.Element {
  const t = useT();
  const language = useStore(locale);
  return (
    <Card>
      <ul class="blocked-list">
        {list.map(({ name, at }, index) => (
          <li class="blocked-one" key={`${at} ${index}`}>
            <Avatar name={name ?? at} />
            <div>
              <p>{name ?? t("blocked.somebody")}</p>
              <p class="small soft">{day(at, language)}</p>
            </div>
          </li>
        ))}
      </ul>
      <p class="small soft">{t("blocked.names")}</p>
    </Card>
  );
}
