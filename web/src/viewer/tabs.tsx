import { useEffect, useRef } from "preact/hooks";
import { words } from "../shared/i18n";
import { Boundary } from "../shared/ui/boundary";
import { lazy } from "../shared/ui/lazy";
import { ChatList } from "./chat/list";
import { doneToday } from "./checkin/mark";
import { checkin, isGuest } from "./store";
import { type Tab, tab } from "./tab";

const TABS: Tab[] = ["chat", "checkin", "board", "me"];

const CheckInPanel = lazy(() => import("./checkin/panel").then((part) => part.CheckInPanel));
const BoardPanel = lazy(() => import("./board/panel").then((part) => part.BoardPanel));
const MemberCard = lazy(() => import("./member/card").then((part) => part.MemberCard));

/** The side of the picture: chat, check-in, board, own card. */
export function Side() {
  const t = words.value;
  const names: Record<Tab, string> = { chat: t.chat, checkin: t.checkIn, board: t.board, me: t.me };
  const list = useRef<HTMLDivElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (panel.current) panel.current.scrollTop = 0;
  }, [tab.value]);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    tab.value = TABS[(TABS.indexOf(tab.value) + step + TABS.length) % TABS.length] ?? "chat";
    list.current?.querySelector<HTMLElement>(`#tab-${tab.value}`)?.focus();
  };
  return (
    <div class="side">
      <div ref={list} role="tablist" class="tabs" onKeyDown={onKeyDown}>
        {TABS.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            class="tab"
            data-testid={`tab-${name}`}
            aria-selected={tab.value === name}
            aria-controls="panel"
            tabIndex={tab.value === name ? 0 : -1}
            onClick={() => {
              tab.value = name;
            }}
          >
            {names[name]}
            {name === "checkin" && checkin.value && !isGuest.value && !doneToday() && <i class="dot" />}
          </button>
        ))}
      </div>
      <div
        ref={panel}
        id="panel"
        role="tabpanel"
        class="panel"
        aria-labelledby={`tab-${tab.value}`}
        tabIndex={tab.value === "chat" ? undefined : 0}
      >
        <Boundary key={tab.value} name={tab.value}>
          {tab.value === "chat" && <ChatList />}
          {tab.value === "checkin" && <CheckInPanel />}
          {tab.value === "board" && <BoardPanel />}
          {tab.value === "me" && <MemberCard />}
        </Boundary>
      </div>
    </div>
  );
}
