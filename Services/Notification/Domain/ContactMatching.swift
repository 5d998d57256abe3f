import PaymentModel

/// Finds the entries of a directory that the rows of a file speak of (NOT-5).
///
/// A number is one entry's. Several may share an address, and their names tell them apart; where there is but one row
/// and one entry of it, they are the same person, whatever the name.
package struct ContactMatching: Sendable {
    /// How many rows there are by what they may be known by.
    private var rows: [[String]: Int] = [:]
    /// How many entries of one address and name have had their row.
    private var matched: [[String]: Int] = [:]

    package init() {}

    /// A row of the file; a bad one counts too, so that no other is taken for its person.
    package mutating func expect(_ told: ToldContact) {
        guard told.phone == nil else { return }
        for traits in told.traits { rows[traits, default: 0] += 1 }
    }

    /// Nil for somebody new; rows MUST come in the order of the file.
    package mutating func entry<Entry>(of told: ToldContact, among known: KnownContacts<Entry>) -> Entry? {
        guard told.phone == nil else { return known[told.person].first }
        let (next, namesakes) = (matched[told.person, default: 0], known[told.person])
        if next < namesakes.count {
            matched[told.person] = next + 1
            return namesakes[next]
        }
        // A first name the row does not tell is not another one.
        let wider = told.traits.dropFirst(told.firstName == nil ? 1 : 2)
        return wider.first { rows[$0] == 1 && known[$0].count == 1 }.flatMap { known[$0].first }
    }
}

/// Entries of the directory by what rows of a file may know them by.
package struct KnownContacts<Entry: Sendable>: Sendable {
    private var entries: [[String]: [Entry]] = [:]

    /// Entries of one address and name in the order a file has them in.
    package init(_ known: [Entry], _ details: (Entry) -> ContactDetails) {
        for entry in known {
            for traits in details(entry).traits { entries[traits, default: []].append(entry) }
        }
    }

    fileprivate subscript(_ traits: [String]) -> [Entry] { entries[traits] ?? [] }
}

extension ToldContact {
    /// What makes a row of a file another person's: the number, or the address and the name of who has none.
    package var person: [String] { traits.first ?? [] }

    fileprivate var traits: [[String]] { recognisable(phone, email, lastName, firstName ?? "") }
}

extension ContactDetails {
    fileprivate var traits: [[String]] { recognisable(phone, email, lastName, firstName) }
}

/// By what somebody may be known again, the surest first.
private func recognisable(
    _ phone: Phone?, _ email: EmailAddress?, _ lastName: String, _ firstName: String
) -> [[String]] {
    if let phone { return [[phone.e164]] }
    let all = [email?.text ?? "", lastName, firstName].map { $0.lowercased() }
    return [all, Array(all.prefix(2)), Array(all.prefix(1))]
}
