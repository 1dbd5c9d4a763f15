import { render } from "preact";
import { expect, it, vi } from "vitest";
import { Boundary, lazy } from "../../src/app/lazy";

const place = document.createElement("div");

function Hello({ name }: { name: string }) {
  return <p>hello {name}</p>;
}

it("a screen that is loaded later comes in the place of the spinner", async () => {
  const Later = lazy(async () => Hello);
  render(<Later name="Ana" />, place);
  expect(place.querySelector(".spinner")).not.toBeNull();
  await vi.waitFor(() => expect(place.textContent).toBe("hello Ana"));
});

it("a screen that was loaded before is there at once", async () => {
  const load = vi.fn(async () => Hello);
  const Later = lazy(load);
  Later.preload();
  await load.mock.results[0]?.value;
  await Promise.resolve();
  render(<Later key="again" name="Ben" />, place);
  expect(place.textContent).toBe("hello Ben");
  expect(load).toHaveBeenCalledTimes(1);
});

it("a screen that cannot be loaded is told, with a way on", async () => {
  const told = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const Later = lazy<{ name: string }>(() => Promise.reject(new Error("gone")));
  render(
    <Boundary key="broken">
      <Later name="Ana" />
    </Boundary>,
    place,
  );
  await vi.waitFor(() => expect(place.querySelector("button")).not.toBeNull());
  expect(told).toHaveBeenCalled();
  told.mockRestore();
});
