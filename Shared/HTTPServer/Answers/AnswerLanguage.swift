package import PaymentModel

extension Language {
    /// The language of ours that a caller likes best (RFC 9110, `Accept-Language`); English where none is named.
    ///
    /// Of languages liked as well as each other the first is taken, and one with `q=0` never is.
    package static func answering(_ header: String?) -> Language {
        var best: (language: Language, weight: Double)?
        for range in (header ?? "").prefix(1_000).split(separator: ",") {
            let parts = range.split(separator: ";").map { $0.trimmingPrefix(while: \.isWhitespace) }
            guard let name = parts.first?.lowercased(), let language = named(name) else { continue }
            let weight = parts.dropFirst().lazy.compactMap(Self.weight).first ?? 1
            guard weight > (best?.weight ?? 0) else { continue }
            best = (language, weight)
        }
        return best?.language ?? .english
    }

    /// `fr`, `fr-CH`; anything goes is nobody's wish.
    private static func named(_ range: String) -> Language? {
        let primary = range.split(whereSeparator: { $0 == "-" || $0.isWhitespace }).first
        return primary.flatMap { Language(rawValue: String($0)) }
    }

    private static func weight(_ parameter: Substring) -> Double? {
        guard parameter.lowercased().hasPrefix("q=") else { return nil }
        let text = parameter.dropFirst(2).filter { !$0.isWhitespace }
        guard let weight = Double(text), (0...1).contains(weight) else { return 0 }
        return weight
    }
}

extension Phrasebook {
    /// A phrasebook kept as a JSON object of English and French; the file is part of the executable.
    package init(json: [UInt8]) {
        guard let object = try? JSONParser.parse(json).members else {
            preconditionFailure("the phrasebook is no JSON object: mend the file")
        }
        var french: [String: String] = [:]
        for name in object.names { french[name] = object[name]?.text }
        self.init(french: french)
    }

    /// What every service's problems are in French.
    static let shared = Phrasebook(json: PackageResources.problems_fr_json)
}
