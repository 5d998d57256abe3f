/// Whether a reply says that somebody wants no more marketing.
package enum StopWord {
    private static let words: Set<String> = [
        "stop", "stopsms", "stopall", "arret", "arrêt", "desinscription", "désinscription", "unsubscribe",
    ]
    /// Other replies begin with these too, such as one about an appointment.
    private static let wordsAlone: Set<String> = ["end", "quit", "cancel", "fin"]

    /// Its first word decides, or its only one; a question about the vet's opening hours is no STOP.
    package static func begins(_ text: String) -> Bool {
        let reply = text.lowercased().drop { !$0.isLetter }
        let first = String(reply.prefix { $0.isLetter })
        let isAlone = !reply.dropFirst(first.count).contains { $0.isLetter || $0.isNumber }
        return words.contains(first) || isAlone && wordsAlone.contains(first)
    }
}
