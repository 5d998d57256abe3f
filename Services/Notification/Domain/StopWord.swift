/// Whether a reply says that somebody wants no more marketing.
package enum StopWord {
    private static let words: Set<String> = [
        "stop", "arret", "arrêt", "desinscription", "désinscription", "unsubscribe", "end", "quit", "cancel", "fin",
    ]

    /// Its first word decides; a question about the vet's opening hours is no STOP.
    package static func begins(_ text: String) -> Bool {
        let first = text.lowercased().drop { !$0.isLetter }.prefix { $0.isLetter }
        return words.contains(String(first))
    }
}
