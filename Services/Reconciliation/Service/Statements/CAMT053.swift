import PaymentModel

/// Reads ISO 20022 bank-to-customer statements, camt.053.001.02 to .08 (the version in the namespace is not looked at).
struct CAMT053: StatementReader {
    private var scanner = XMLScanner()
    private var reader = CAMT053Reader()

    /// Throws `FileProblem` at the first thing that is not right.
    mutating func take(_ piece: [UInt8], into found: inout FoundMovements) throws {
        try take(scanner.take(piece), &found)
    }

    mutating func finish(into found: inout FoundMovements) throws {
        try take(scanner.finish(), &found)
        guard !found.statements.isEmpty else {
            throw FileProblem(
                line: nil, reason: "There is no statement (BkToCstmrStmt/Stmt) in it.",
                remedy: "Choose a CAMT.053 file; CAMT.052 and CAMT.054 are reports of another kind.")
        }
    }

    /// Says of a problem in which element it is.
    private mutating func take(_ events: [XMLScanner.Event], _ found: inout FoundMovements) throws {
        do {
            for event in events { try reader.take(event, &found) }
        } catch let problem as FileProblem {
            throw problem.about(reader.place)
        }
    }
}

/// Follows the elements of the file and keeps only what a statement needs.
private struct CAMT053Reader: Sendable {
    private var path: [String] = []
    private var draft = StatementDraft()
    private var entry = EntryDraft()
    private var balance = BalanceDraft()
    private var places = CAMT053Places()

    /// The element that is being read; nil outside of statements.
    var place: String? { places.text(path, entry) }

    mutating func take(_ event: XMLScanner.Event, _ found: inout FoundMovements) throws {
        switch event {
        case .opened(let name, let attributes, let line): open(name, attributes, line)
        case .closed(let name, let text, let line): try close(name, text, line, &found)
        case .broken(let problem): throw problem
        }
    }

    private mutating func open(_ name: String, _ attributes: XMLAttributes, _ line: Int) {
        path.append(name)
        places.enter(path)
        switch name {
        case "Stmt": draft = StatementDraft()
        case "Bal": balance = BalanceDraft()
        case "Ntry": entry = EntryDraft(line: line)
        case "Amt":
            if isIn("Bal") { balance.currency = attributes["Ccy"] }
            if parent == "Ntry" { entry.currency = attributes["Ccy"] }
        default: break
        }
    }

    private mutating func close(
        _ name: String, _ text: String, _ line: Int, _ found: inout FoundMovements
    ) throws {
        take(text.trimmed)
        switch name {
        case "Bal": try draft.add(balance, line: line)
        case "Ntry": if let movement = try entry.movement(at: place) { try found.add(movement) }
        case "Stmt": try found.close(draft.statement(line: line, at: place))
        default: break
        }
        path.removeLast()
    }

    private var parent: String { path.dropLast().last ?? "" }

    private func isIn(_ name: String) -> Bool { path.contains(name) }

    private mutating func take(_ value: String) {
        guard let name = path.last else { return }
        if isIn("Bal") { return balance.take(name, parent, value) }
        if isIn("Ntry") { return entry.take(name, parent, value) }
        switch (parent, name) {
        case ("Stmt", "Id"): draft.reference = value
        case ("Id", "IBAN") where isIn("Acct"): draft.iban = value
        case ("Othr", "Id") where isIn("Acct"): draft.otherAccount = value
        default: break
        }
    }
}
