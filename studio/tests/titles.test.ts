import { describe, expect, it } from "vitest";

import { columnTitles } from "../src/pages/population/titles";

describe("columnTitles", () => {
  it("says the last word of a path", () => {
    const title = columnTitles(["demographics.age", "traits.big_five.openness", "household_size"]);
    expect(title("demographics.age")).toBe("Age");
    expect(title("traits.big_five.openness")).toBe("Openness");
    expect(title("household_size")).toBe("Household size");
  });
  it("says where a column belongs if two would read alike", () => {
    const title = columnTitles(["traits.big_five.agreeableness", "traits.hexaco.agreeableness", "demographics.age"]);
    expect(title("traits.big_five.agreeableness")).toBe("Traits of big five · agreeableness");
    expect(title("traits.hexaco.agreeableness")).toBe("Traits of hexaco · agreeableness");
    expect(title("demographics.age")).toBe("Age");
  });
});
