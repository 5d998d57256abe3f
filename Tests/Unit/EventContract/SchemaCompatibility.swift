/// What a released event version promises: it may gain optional fields and lose or change nothing.
///
/// The rule is stricter than "old readers can read new data": a subscriber may validate with the schema it once
/// downloaded, so an enumeration with one more value would break it too. Such a change is a new version (C-29).
enum SchemaCompatibility {
    /// Texts only people read.
    private static let annotations: Set<String> = ["title", "description", "examples", "$comment"]

    /// The breaches in words, none when every subscriber of the released schemas can go on.
    static func breaches(released: [String: JSONValue], current: [String: JSONValue]) -> [String] {
        released.sorted { $0.key < $1.key }.flatMap { name, schema in
            guard let now = current[name] else { return ["\(name) is gone"] }
            return breaches(at: name, schema, now)
        }
    }

    private static func breaches(at path: String, _ released: JSONValue, _ current: JSONValue) -> [String] {
        let keywords = Set(released.object.keys).union(current.object.keys).subtracting(annotations)
        return keywords.sorted().flatMap { keyword in
            breaches(at: path, keyword, released[keyword], current[keyword])
        }
    }

    private static func breaches(
        at path: String, _ keyword: String, _ released: JSONValue?, _ current: JSONValue?
    ) -> [String] {
        guard released != current else { return [] }
        switch (keyword, released, current) {
        case ("properties", .object(let old)?, .object(let new)?):
            return old.sorted { $0.key < $1.key }.flatMap { field, schema in
                guard let now = new[field] else { return ["\(path)/\(field) is gone"] }
                return breaches(at: "\(path)/\(field)", schema, now)
            }
        case ("items", let old?, let new?):
            return breaches(at: "\(path)/items", old, new)
        case ("required", .array(let old)?, .array(let new)?)
        where old.allSatisfy(new.contains) && new.allSatisfy(old.contains):
            return []
        default:
            return ["\(path): \(keyword) was \(text(released)), is \(text(current))"]
        }
    }

    private static func text(_ value: JSONValue?) -> String { value?.prettyText() ?? "absent" }
}
