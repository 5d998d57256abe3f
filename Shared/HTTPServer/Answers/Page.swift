package import PaymentModel

/// One page of a list, and where the next begins.
package struct Page<Item: Encodable & Sendable>: Encodable, Sendable {
    /// The items in the list's order.
    package let items: [Item]

    /// What to give as `after` for the next page; nil at the end.
    package let next: String?

    /// The page of what was found, when one more than the page holds was asked for.
    package init<Place: Sendable>(_ found: [Item], of request: PageRequest<Place>, key: (Item) -> Cursor) {
        let items = Array(found.prefix(request.limit))
        self.items = items
        self.next = found.count > request.limit ? items.last.map { key($0).text } : nil
    }

    /// The page of what was found, in a list in the order of its ids.
    package init<ID: Identifier>(_ found: [Item], of request: PageRequest<ID>, id: (Item) -> ID) {
        self.init(found, of: request, key: { Cursor([id($0).description]) })
    }

    /// A page put together by hand.
    package init(items: [Item], next: Cursor?) {
        self.items = items
        self.next = next?.text
    }
}

/// Which page of a list is asked for, by the place where the page before it ends.
package struct PageRequest<Place: Sendable>: Sendable {
    /// How many items at most.
    package let limit: Int

    /// The place of the last item of the page before; nil for the first page.
    package let last: Place?

    /// How many rows to look for: one more tells whether there is a next page.
    package var rows: Int { limit + 1 }
}

extension PageRequest where Place: Identifier {
    /// Only what is older than this, in a list that runs from the newest id to the oldest.
    package var before: Place { last ?? Place(.max) }

    /// Only what is newer than this, in a list that runs from the oldest id to the newest.
    package var after: Place { last ?? Place(0) }
}

extension Fields {
    /// Reads `limit` and `after` of a query whose list is in the order of its ids.
    package func page<ID: Identifier>(by id: ID.Type, limitMax: Int = 200) -> PageRequest<ID> {
        page(limitMax: limitMax) { $0.count == 1 ? ID($0[0]) : nil }
    }

    /// Reads `limit` and `after` of a query; `place` is the place in the list that a cursor's keys name.
    ///
    /// A cursor that is not of this list is refused; it must not read as the beginning.
    package func page<Place: Sendable>(
        limitMax: Int = 200, at place: ([String]) -> Place?
    ) -> PageRequest<Place> {
        let limit = optionalInteger("limit", in: 1...limitMax) ?? min(50, limitMax)
        let remedy: Sentence = "Take it from \"next\" of the page before, or leave it out to start from the beginning."
        let last = optionalText("after", max: 1_000, remedy: remedy) { text in Cursor(text).flatMap { place($0.keys) } }
        return PageRequest(limit: limit, last: last)
    }
}

/// A place in a list, opaque to callers.
///
/// It holds the sort keys of an item and nothing else: whoever makes one up reaches no other rows than those the list
/// shows anyway. The check digits are against slips, not against attacks.
package struct Cursor: Sendable, Hashable {
    /// The item's sort keys, most significant first.
    package let keys: [String]

    /// The place of an item with these sort keys.
    package init(_ keys: [String]) { self.keys = keys }

    /// The cursor as callers see it.
    package var text: String {
        let content = Array(keys.joined(separator: Self.separator).utf8)
        return Base64URL.encode(Self.check(content) + content)
    }

    /// Reads a cursor; nil when it was not made here.
    package init?(_ text: String) {
        guard let bytes = Base64URL.decode(text), bytes.count >= 4 else { return nil }
        let content = Array(bytes[4...])
        guard Self.check(content) == Array(bytes[..<4]), let joined = String(validating: content, as: UTF8.self) else {
            return nil
        }
        keys = joined.split(separator: Self.separator, omittingEmptySubsequences: false).map(String.init)
    }

    private static let separator = "\u{1F}"

    /// FNV-1a.
    private static func check(_ bytes: [UInt8]) -> [UInt8] {
        var hash: UInt32 = 2_166_136_261
        for byte in bytes { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        return (0..<4).map { UInt8(truncatingIfNeeded: hash >> (24 - 8 * $0)) }
    }
}
