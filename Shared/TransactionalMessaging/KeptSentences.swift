import FoundationEssentials
package import PaymentModel
package import PostgresClient

/// A sentence is kept as a `text`: in English where nothing is put into it, else with what was, so that each reader is
/// told it in their language (GEN-5).
extension Sentence: PostgresEncodable, PostgresDecodable {
    /// As that of any text.
    package static var postgresType: PostgresType { .inferred }

    /// Its English, or JSON.
    package var postgresValue: PostgresValue {
        let english = description
        guard english != pattern, pattern != Sentence.place else { return .text(english) }
        guard let kept = try? PostgresJSON.of(self) else { preconditionFailure("a sentence can always be written") }
        return .text(kept.text)
    }

    /// Reads what was kept; a text of an earlier version is a sentence of its own.
    package init(postgres cell: PostgresCell) throws(PostgresError) {
        let text = try String(postgres: cell)
        guard text.hasPrefix(#"{"pattern":"#),
            let kept = try? JSONDecoder().decode(Sentence.self, from: Data(text.utf8))
        else {
            self = Sentence(text)
            return
        }
        self = kept
    }
}
