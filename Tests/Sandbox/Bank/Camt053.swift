/// Writes a statement as ISO 20022 camt.053, in the version a bank of the day would send.
struct Camt053 {
    enum Version: String, CaseIterable {
        case v02 = "02"
        case v08 = "08"
    }

    let statement: BankStatement
    let version: Version

    var xml: String {
        let space = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.\(version.rawValue)"
        let message = tag("GrpHdr", tag("MsgId", "MSG-\(statement.id)") + tag("CreDtTm", created))
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"\(space)\">"
            + tag("BkToCstmrStmt", message + tag("Stmt", body)) + "</Document>\n"
    }

    private var created: String { dateTimeText(unixSeconds: statement.createdAt) + "Z" }

    private var body: String {
        let head = tag("Id", statement.id) + tag("ElctrncSeqNb", String(statement.sequence)) + tag("CreDtTm", created)
        let period = tag(
            "FrToDt",
            tag("FrDtTm", "\(statement.date.text)T00:00:00Z") + tag("ToDtTm", "\(statement.date.text)T23:59:59Z"))
        let balances = balance("OPBD", statement.opening) + balance("CLBD", statement.closing)
        return head + period + account + balances + statement.movements.enumerated().map(entry).joined()
    }

    private var account: String {
        let servicer = tag("FinInstnId", tag(version == .v02 ? "BIC" : "BICFI", "QUITFRPPXXX"))
        return tag(
            "Acct",
            tag("Id", tag("IBAN", statement.iban)) + tag("Ccy", "EUR") + tag("Ownr", tag("Nm", text(statement.holder)))
                + tag("Svcr", servicer))
    }

    private func balance(_ code: String, _ cents: Int64) -> String {
        tag(
            "Bal",
            tag("Tp", tag("CdOrPrtry", tag("Cd", code))) + amount("Amt", cents) + direction(cents)
                + tag("Dt", tag("Dt", statement.date.text)))
    }

    private func entry(_ index: Int, _ movement: BankMovement) -> String {
        let status = movement.isPending ? "PDNG" : "BOOK"
        let families = movement.kind.rawValue.split(separator: "/").map(String.init)
        let code = tag(
            "BkTxCd",
            tag(
                "Domn",
                tag("Cd", movement.kind == .charges ? "ACMT" : "PMNT")
                    + tag("Fmly", tag("Cd", families[0]) + tag("SubFmlyCd", families[1]))))
        return tag(
            "Ntry",
            tag("NtryRef", String(index + 1)) + amount("Amt", movement.cents) + direction(movement.cents)
                + tag("Sts", version == .v02 ? status : tag("Cd", status))
                + tag("BookgDt", tag("Dt", movement.bookedOn.text)) + tag("ValDt", tag("Dt", movement.valuedOn.text))
                + tag("AcctSvcrRef", movement.reference) + code + tag("NtryDtls", tag("TxDtls", details(movement)))
                + tag("AddtlNtryInf", text(movement.counterparty)))
    }

    private func details(_ movement: BankMovement) -> String {
        let references = tag(
            "Refs", tag("AcctSvcrRef", movement.reference) + tag("EndToEndId", movement.endToEnd ?? "NOTPROVIDED"))
        let money =
            version == .v02
            ? tag("AmtDtls", tag("TxAmt", amount("Amt", movement.cents)))
            : amount("Amt", movement.cents) + direction(movement.cents)
        let remittance = tag("RmtInf", movement.remittance.map { tag("Ustrd", text($0)) }.joined())
        return references + money + tag("RltdPties", parties(movement)) + remittance
    }

    private func parties(_ movement: BankMovement) -> String {
        let role = movement.cents >= 0 ? "Dbtr" : "Cdtr"
        let name = tag("Nm", text(movement.counterparty))
        let account = movement.counterpartyIBAN.map { tag("\(role)Acct", tag("Id", tag("IBAN", $0))) } ?? ""
        return tag(role, version == .v02 ? name : tag("Pty", name)) + account
    }

    private func amount(_ name: String, _ cents: Int64) -> String {
        "<\(name) Ccy=\"EUR\">\(Cents.text(Int64(cents.magnitude)))</\(name)>"
    }

    private func direction(_ cents: Int64) -> String { tag("CdtDbtInd", cents >= 0 ? "CRDT" : "DBIT") }

    private func tag(_ name: String, _ content: String) -> String { "<\(name)>\(content)</\(name)>" }

    private func text(_ value: String) -> String { value.markupEscaped }
}
