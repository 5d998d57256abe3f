/// Pairs that have each other and nobody else: what may be taken for a match, since an ambiguity is left to a person.
enum MutualPairs {
    /// In the order they came.
    static func of<Pair, Left: Hashable, Right: Hashable>(
        _ pairs: [Pair], _ left: (Pair) -> Left, _ right: (Pair) -> Right
    ) -> [Pair] {
        var ofLeft: [Left: Int] = [:]
        var ofRight: [Right: Int] = [:]
        for pair in pairs {
            ofLeft[left(pair), default: 0] += 1
            ofRight[right(pair), default: 0] += 1
        }
        return pairs.filter { ofLeft[left($0)] == 1 && ofRight[right($0)] == 1 }
    }
}
