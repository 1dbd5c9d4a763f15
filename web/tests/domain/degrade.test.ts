import { describe, expect, it } from "vitest";
import {
  beginning,
  CLIMB_AFTER,
  climbAfter,
  type History,
  LONGEST_CLIMB,
  note,
  type What,
} from "../../src/domain/degrade";

/** The same thing every two seconds, for so many seconds; the clock goes on from the last mark. */
function during(history: History, seconds: number, what: What): History {
  let now = history.marks.at(-1)?.at ?? history.since;
  for (let passed = 0; passed < seconds; passed += 2) {
    now += 2_000;
    history = note(history, what, now);
  }
  return history;
}

const CONNECTED = note(beginning(0), "connected", 0);

describe("going down", () => {
  it("begins with pictures", () => {
    expect(CONNECTED.rung).toBe("video");
  });

  it("keeps them through a poor moment", () => {
    expect(during(CONNECTED, 6, "poor").rung).toBe("video");
  });

  it("gives them up when it stays poor", () => {
    expect(during(CONNECTED, 12, "poor").rung).toBe("audio");
  });

  it("keeps them when it is better in between", () => {
    let history = CONNECTED;
    for (let round = 0; round < 5; round += 1) history = during(during(history, 6, "poor"), 2, "fair");
    expect(history.rung).toBe("video");
  });

  it("goes by way of sound alone to words when no attempt succeeds", () => {
    const rungs: string[] = [];
    let history = CONNECTED;
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      history = note(history, "failed", attempt * 10_000);
      rungs.push(history.rung);
    }
    expect(rungs).toEqual(["video", "audio", "audio", "text"]);
  });

  it("counts failures of a slow network as well, as long as nothing succeeds between them", () => {
    let history = CONNECTED;
    for (let attempt = 1; attempt <= 4; attempt += 1) history = note(history, "failed", attempt * 25_000);
    expect(history.rung).toBe("text");
  });

  it("forgets failures before a connection that has lasted", () => {
    let history = CONNECTED;
    for (let attempt = 1; attempt <= 8; attempt += 1) {
      history = note(note(history, "failed", attempt * 40_000), "connected", attempt * 40_000 + 5_000);
    }
    expect(history.rung).not.toBe("text");
  });

  it("forgets failures of long ago", () => {
    let history = CONNECTED;
    for (let hour = 1; hour <= 6; hour += 1) history = note(history, "failed", hour * 3_600_000);
    expect(history.rung).toBe("video");
  });
});

describe("coming back up", () => {
  const fallen = during(CONNECTED, 12, "poor");

  it("waits until sound alone has gone well for a while", () => {
    expect(during(fallen, CLIMB_AFTER / 1000 - 2, "good").rung).toBe("audio");
    expect(during(fallen, CLIMB_AFTER / 1000 + 4, "good").rung).toBe("video");
  });

  it("starts counting anew after a poor moment", () => {
    const disturbed = during(during(fallen, 16, "good"), 2, "poor");
    expect(during(disturbed, 16, "good").rung).toBe("audio");
  });

  it("waits longer after each fall, up to a limit", () => {
    const again = during(during(fallen, 24, "good"), 12, "poor");
    expect(again).toMatchObject({ rung: "audio", falls: 2 });
    expect(during(again, CLIMB_AFTER / 1000 + 4, "good").rung).toBe("audio");
    expect(during(again, (CLIMB_AFTER * 2) / 1000 + 4, "good").rung).toBe("video");
    expect(climbAfter({ ...again, falls: 50 })).toBe(LONGEST_CLIMB);
  });

  it("comes from words to sound with the first connection, and from there to pictures", () => {
    let history = CONNECTED;
    for (let attempt = 1; attempt <= 4; attempt += 1) history = note(history, "failed", attempt * 1_000);
    expect(note(history, "failed", 100_000).rung).toBe("text");
    history = note(history, "connected", 100_000);
    expect(history.rung).toBe("audio");
    expect(during(history, CLIMB_AFTER / 1000 + 4, "good").rung).toBe("video");
  });
});
