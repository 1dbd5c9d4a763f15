import { describe, expect, it } from "vitest";
import { type Figures, qualities, sendingFor, settled, worst } from "../../src/domain/quality";

const START: Figures = {
  roundTrip: 0.05,
  incoming: { packets: 0, lost: 0 },
  outgoing: { packets: 0, lost: 0 },
  room: 2_000_000,
  videoSent: 0,
  videoReceived: 0,
  framesDecoded: 0,
};
const LATER: Figures = {
  ...START,
  incoming: { packets: 200, lost: 0 },
  outgoing: { packets: 200, lost: 0 },
  videoSent: 100,
  videoReceived: 100,
  framesDecoded: 40,
};

describe("the quality of a call", () => {
  it("is good when everything arrives soon", () => {
    expect(qualities(START, LATER)).toEqual({ incoming: "good", outgoing: "good" });
  });

  it.each([
    [2, "good"],
    [10, "fair"],
    [40, "poor"],
  ] as const)("counts the lost packets of its own direction: %i of 200", (lost, quality) => {
    const now = { ...LATER, incoming: { packets: 200 - lost, lost } };
    expect(qualities(START, now)).toEqual({ incoming: quality, outgoing: "good" });
  });

  it("looks at the last span alone, not at all that was lost before", () => {
    const before = { ...LATER, incoming: { packets: 100, lost: 100 } };
    expect(qualities(before, { ...before, incoming: { packets: 300, lost: 100 } }).incoming).toBe("good");
  });

  it("says nothing from a handful of packets", () => {
    const now = { ...START, roundTrip: null, incoming: { packets: 3, lost: 3 } };
    expect(qualities(START, now)).toEqual({ incoming: "unknown", outgoing: "unknown" });
  });

  it("suffers in both directions from a long way", () => {
    expect(qualities(START, { ...LATER, roundTrip: 0.4 })).toEqual({ incoming: "fair", outgoing: "fair" });
    expect(qualities(START, { ...LATER, roundTrip: 1 })).toEqual({ incoming: "poor", outgoing: "poor" });
  });

  it("is poor when packets of a picture come and no frame of it", () => {
    expect(qualities(START, { ...LATER, framesDecoded: 0 }).incoming).toBe("poor");
  });

  it("minds little room only while a picture is sent", () => {
    expect(qualities(START, { ...LATER, room: 60_000 }).outgoing).toBe("poor");
    expect(qualities(START, { ...LATER, room: 60_000, videoSent: 0 }).outgoing).toBe("good");
  });

  it("is the worse of two", () => {
    expect(worst("good", "poor", "unknown")).toBe("poor");
    expect(worst("unknown", "unknown")).toBe("unknown");
  });

  it("is shown differently only once it was so twice", () => {
    expect(settled("unknown", "unknown", "good")).toBe("good");
    expect(settled("good", "good", "poor")).toBe("good");
    expect(settled("good", "poor", "poor")).toBe("poor");
  });
});

describe("what a picture may cost", () => {
  it("is less the worse it goes, and nothing without a picture", () => {
    const costs = (["good", "fair", "poor"] as const).map((quality) => sendingFor("video", quality, false));
    const rates = costs.map((cost) => cost.maxBitrate);
    expect(rates).toEqual([...rates].sort((a, b) => b - a));
    expect(costs.every((cost) => cost.active)).toBe(true);
    expect(sendingFor("audio", "good", false).active).toBe(false);
  });

  it("keeps a screen sharper than a face", () => {
    const [face, screen] = [sendingFor("video", "fair", false), sendingFor("video", "fair", true)];
    expect(screen.scaleResolutionDownBy).toBeLessThan(face.scaleResolutionDownBy);
    expect(screen.maxFramerate).toBeLessThan(face.maxFramerate);
  });
});
