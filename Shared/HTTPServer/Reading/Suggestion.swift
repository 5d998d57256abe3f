/// Finds the name that was probably meant.
package enum Suggestion {
    /// The nearest of the names, when it is near enough to be a slip of the finger.
    static func nearest(to name: String, among names: some Collection<String>) -> String? {
        guard name.utf8.count <= 64 else { return nil }
        let lowered = name.lowercased()
        let candidates = names.map { (distance: distance(lowered, $0.lowercased()), name: $0) }
        // By distance, then by name, so that the answer is the same every time.
        guard let best = candidates.min(by: { ($0.distance, $0.name) < ($1.distance, $1.name) }) else { return nil }
        return best.distance <= max(1, name.count / 3) ? best.name : nil
    }

    /// How many letters to change, put in or leave out (Levenshtein).
    package static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right)
        var row = Array(0...right.count)
        for (index, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let replaced = diagonal + (letter == right[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, row[column] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}
