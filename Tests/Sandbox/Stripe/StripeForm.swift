/// A body in Stripe's form encoding, read into nested objects; list indices are members' names.
enum StripeForm {
    static func read(_ body: [UInt8]) -> JSON {
        var root = JSON.object([])
        for pair in String(decoding: body, as: UTF8.self).split(separator: "&") {
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(halves[0]).formDecoded
            let value = halves.count > 1 ? String(halves[1]).formDecoded : ""
            put(value, at: path(name)[...], in: &root)
        }
        return root
    }

    /// `a[b][0]` is a, b, 0.
    private static func path(_ name: String) -> [String] {
        name.split(separator: "[", omittingEmptySubsequences: false).map { part in
            String(part.hasSuffix("]") ? part.dropLast() : part)
        }
    }

    private static func put(_ value: String, at path: ArraySlice<String>, in json: inout JSON) {
        guard let first = path.first else {
            json = .text(value)
            return
        }
        var member = json[first] ?? .object([])
        put(value, at: path.dropFirst(), in: &member)
        if !json.isObject { json = .object([]) }
        json.set(first, to: member)
    }
}

extension JSON {
    /// A whole number that came as text.
    var asWholeText: Int64? { asText.flatMap { Int64($0) } }
}
