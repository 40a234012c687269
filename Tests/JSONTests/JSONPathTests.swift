import Bytes
import JSON
import TestSupport
import Testing

/// The values at `path` in `text`, as they are written there.
private func values(_ path: String, _ text: String) throws -> [String] {
  var lookup = JSONLookup(try JSONPath(path))
  let bytes = Array(text.utf8)
  var found: [String] = []
  while let token = lookup.next(bytes.span.bytes) { found.append(String(decoding: bytes[token.range], as: UTF8.self)) }
  return found
}

@Suite("Paths into JSON")
struct JSONPathTests {
  static let text = #"{"type":"trade","data":[{"price":1.5,"a key":{"b":[]}},{"price":2},7],"t\u0079pe":2,"n":null}"#

  @Test(
    "a path leads to its values",
    arguments: [
      ("type", ["trade", "2"]), ("data[0].price", ["1.5"]), ("data[1].price", ["2"]), ("data[*].price", ["1.5", "2"]),
      ("data[2]", ["7"]), ("data[3]", []), (#"data[0]["a key"].b"#, ["[]"]), (#"data[0]."a key""#, [#"{"b":[]}"#]),
      ("n", ["null"]), ("missing", []), ("type.x", []), ("type[0]", []), ("[0]", []), ("data.price", []),
      ("*", ["trade", #"[{"price":1.5,"a key":{"b":[]}},{"price":2},7]"#, "2", "null"]),
      ("data[*].*", ["1.5", #"{"b":[]}"#, "2"]), ("", [text]),
    ])
  func examples(path: String, found: [String]) throws {
    #expect(try values(path, Self.text) == found)
  }

  @Test("what stands before a fault is found, cut values are not")
  func cut() throws {
    #expect(try values("a", #"{"a":1,"b":"#) == ["1"])
    #expect(try values("a", #"{"a":"tex"#) == [])
    #expect(try values("a", #"{"a":{"b":1}"#) == [#"{"b":1}"#])
    #expect(try values("a", #"{"a":{"b":1"#) == [])
    #expect(try values("a.b", #"{"a":{"b":1,"#) == ["1"])
    #expect(try values("b", #"{"a" 1,"b":2}"#) == [])
  }

  @Test("arrays outside, and several at once")
  func arrays() throws {
    #expect(try values("[1]", "[1,2,3]") == ["2"])
    #expect(try values("[*][0]", "[[1,2],[],3,[[4]]]") == ["1", "[4]"])
    #expect(try values("", " 12 ") == ["12"])
  }

  @Test(
    "wrong paths are told where they are wrong",
    arguments: [
      ("a.", 2), (".a", 0), ("a[", 2), ("a[x]", 2), ("a[1", 3), ("a]", 1), ("a b", 1), (#"a["b"#, 2), ("a..b", 2),
      ("a[99999999999999999999]", 2), ("a[-1]", 2),
    ])
  func faults(path: String, offset: Int) {
    #expect { try JSONPath(path) } throws: { ($0 as? JSONPath.Fault)?.offset == offset }
  }

  @Test("a path has no more than 64 steps")
  func steps() {
    #expect(throws: Never.self) { try JSONPath(String(repeating: "[0]", count: 64)) }
    #expect(throws: JSONPath.Fault.self) { try JSONPath(String(repeating: "[0]", count: 65)) }
  }

  @Test("paths into random JSON find what a walk through its tree finds")
  func random() throws {
    var chance = SeededGenerator.announced("JSON paths")
    for _ in 0..<4000 {
      let value = RandomJSON(&chance).value(depth: 4, &chance)
      let bytes = RandomJSON.written(value, &chance)
      let steps: [JSONPath.Step] = (0..<Int.random(in: 0...3, using: &chance)).map { _ in
        switch Int.random(in: 0..<6, using: &chance) {
        case 0: .anyMember
        case 1: .anyElement
        case 2: .index(Int.random(in: 0...2, using: &chance))
        default: .key(Array((RandomJSON.names.randomElement(using: &chance) ?? "").utf8))
        }
      }
      var lookup = JSONLookup(JSONPath(steps))
      for _ in 0..<2 {
        var found: [JSONValue] = []
        lookup.restart()
        while let token = lookup.next(bytes.span.bytes) {
          let isString = token.kind == .string
          let range = isString ? token.range.lowerBound - 1..<token.range.upperBound + 1 : token.range
          found.append(try JSONValue(parsing: bytes[range]))
        }
        #expect(found == Self.walk(value, steps[...]), "\(String(decoding: bytes, as: UTF8.self)) \(steps)")
      }
    }
  }

  private static func walk(_ value: JSONValue, _ steps: ArraySlice<JSONPath.Step>) -> [JSONValue] {
    guard let step = steps.first else { return [value] }
    let rest = steps.dropFirst()
    switch (step, value) {
    case (.key(let name), .object(let members)):
      return members.filter { Array($0.key.utf8) == name }.flatMap { walk($0.value, rest) }
    case (.anyMember, .object(let members)): return members.flatMap { walk($0.value, rest) }
    case (.index(let i), .array(let elements)): return i < elements.count ? walk(elements[i], rest) : []
    case (.anyElement, .array(let elements)): return elements.flatMap { walk($0, rest) }
    default: return []
    }
  }
}
