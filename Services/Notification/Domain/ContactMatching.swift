package import PaymentModel

/// Finds the entries of a directory that the rows of a file speak of (NOT-5).
///
/// A number is one entry's. Several may share an address, and their names tell them apart, then their clinics, then
/// their order; where there is but one row and one entry of it, they are the same person, whatever the name. By an
/// address nobody of one clinic is taken for another's.
package struct ContactMatching: Sendable {
    /// How many rows there are by what they may be known by.
    private var rows: [[String]: Int] = [:]
    /// How many of one address and name are still to come that name a clinic.
    private var naming: [[String]: [ClinicID: Int]] = [:]
    /// Which entries of one address and name have had their row.
    private var matched: [[String]: Set<Int>] = [:]

    package init() {}

    /// A row of the file; one that is bad or has a number counts too, so that no other is taken for its person.
    package mutating func expect(_ told: ToldContact) {
        guard told.email != nil else { return }
        if told.phone == nil, let clinic = told.clinic { naming[told.person, default: [:]][clinic, default: 0] += 1 }
        var told = told
        told.phone = nil
        for traits in told.traits { rows[traits, default: 0] += 1 }
    }

    /// Nil for somebody new; rows MUST come in the order of the file.
    ///
    /// `usual` is the clinic of those that name none; of no clinic they may be anybody's.
    package mutating func entry<Entry>(
        of told: ToldContact, at usual: ClinicID?, among known: KnownContacts<Entry>
    ) -> Entry? {
        let (person, namesakes) = (told.person, known[told.person])
        guard told.phone == nil else { return namesakes.first?.entry }
        let taken = matched[person] ?? []
        let free = namesakes.indices.filter { !taken.contains($0) && told.mayBe(of: namesakes[$0].clinic, at: usual) }
        // A clinic's own file has its own alone, and not the newer namesakes of others.
        let own = free.filter { namesakes[$0].clinic == (told.clinic ?? usual) }.dropLast(left(by: told, at: usual))
        if let next = own.first ?? free.first(where: { namesakes[$0].clinic == told.clinic }) ?? free.first {
            matched[person, default: []].insert(next)
            return namesakes[next].entry
        }
        // A first name the row does not tell is not another one.
        let wider = told.traits.dropFirst(told.firstName == nil ? 1 : 2)
        let only = wider.first { rows[$0] == 1 && known[$0].count == 1 }.flatMap { known[$0].first }
        return only.flatMap { told.mayBe(of: $0.clinic, at: usual) ? $0.entry : nil }
    }

    /// How many of its clinic's entries a row that names none leaves to those still to come that name it.
    private mutating func left(by told: ToldContact, at usual: ClinicID?) -> Int {
        guard let clinic = told.clinic else { return usual.flatMap { naming[told.person]?[$0] } ?? 0 }
        naming[told.person]?[clinic]? -= 1
        return 0
    }
}

/// Entries of the directory by what rows of a file may know them by.
package struct KnownContacts<Entry: Sendable>: Sendable {
    private var entries: [[String]: [(entry: Entry, clinic: ClinicID?)]] = [:]

    /// Entries of one address and name in the order a file has them in.
    package init(_ known: [Entry], _ details: (Entry) -> ContactDetails) {
        for entry in known {
            let contact = details(entry)
            for traits in contact.traits { entries[traits, default: []].append((entry, contact.clinic)) }
        }
    }

    fileprivate subscript(_ traits: [String]) -> [(entry: Entry, clinic: ClinicID?)] { entries[traits] ?? [] }
}

extension ToldContact {
    /// What makes a row of a file another person's: the number, or the address and the name of who has none.
    package var person: [String] { traits.first ?? [] }

    /// Whether it can be somebody of a clinic; nil stands for none in particular, which may be any.
    package func mayBe(of other: ClinicID?, at usual: ClinicID?) -> Bool {
        guard let own = clinic ?? usual, let other else { return true }
        return own == other
    }

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
