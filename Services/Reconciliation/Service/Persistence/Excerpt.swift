/// What an answer shows of a list within it: its first items, and how many there are when those are not all.
struct Excerpt<Item: Sendable>: Sendable {
    static var most: Int { 1_000 }

    let items: [Item]
    /// Nothing when all are shown.
    let inAll: Int?

    /// Every item comes with how many there are in all.
    init(_ found: [(item: Item, inAll: Int)]) {
        items = found.map(\.item)
        inAll = found.first.flatMap { $0.inAll > found.count ? $0.inAll : nil }
    }
}
