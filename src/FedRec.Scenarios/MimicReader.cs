using System.Globalization;
using FedRec.Core.Data;
using FedRec.Core.Data.Readers;

namespace FedRec.Scenarios;

/// <summary>Reads the tables of MIMIC-III (Johnson et al. 2016): prescriptions and procedures are items, diagnoses, age and sex are context.</summary>
/// <remarks>MIMIC is of one hospital. Its patients are dealt to several by their number, which has no meaning.</remarks>
internal static class MimicReader
{
    private const int Century = 90; // ages above 89 are shifted in the data

    /// <summary>Reads a folder.</summary>
    /// <exception cref="DatasetException">A table or a column is missing.</exception>
    public static GeneratedInteractions Read(string folder, IReadOnlyList<string> hospitals)
    {
        var rows = new GeneratedInteractions("mimic-iii");
        var (patients, admissions) = (ReadPatients(folder), ReadAdmissions(folder));
        string HospitalOf(string patient) => hospitals[int.Parse(patient, CultureInfo.InvariantCulture) % hospitals.Count];
        void Add(string patient, string item, long time) => rows.Add($"patient-{patient}", item, time, party: HospitalOf(patient));

        AddDrugs(folder, rows, Add);
        AddProcedures(folder, admissions, rows, Add);
        AddDiagnoses(folder, rows, Add);
        foreach (var (patient, (sex, birth)) in patients)
        {
            if (admissions.Values.Where(admission => admission.Patient == patient).Select(admission => admission.Time).DefaultIfEmpty(long.MaxValue).Min() is var first and < long.MaxValue)
            {
                AddFact(rows, Add, patient, sex == "F" ? "female" : "male", "patient");
                AddFact(rows, Add, patient, AgeBand(birth, first), "patient");
            }
        }

        return rows;
    }

    private static void AddFact(GeneratedInteractions rows, Action<string, string, long> add, string patient, string fact, string kind)
    {
        rows.Describe(fact, fact, [kind], isContext: true);
        add(patient, fact, 0);
    }

    private static void AddDrugs(string folder, GeneratedInteractions rows, Action<string, string, long> add)
    {
        using var table = PublishedTable.Open(folder, "PRESCRIPTIONS.csv", "subject_id", "drug_type", "drug", "startdate");
        while (table.Read())
        {
            if (table["drug_type"] == "MAIN" && table.Time("startdate") is { } start) // what drugs are dissolved in is no choice of its own
            {
                var drug = table["drug"].Trim().ToLowerInvariant();
                rows.Describe($"drug {drug}", drug, ["drug"]);
                add(table["subject_id"], $"drug {drug}", start);
            }
        }
    }

    // Procedures carry no time of their own: they count as done at the end of the stay, in their order.
    private static void AddProcedures(string folder, Dictionary<string, (string Patient, long Time, long End)> admissions, GeneratedInteractions rows, Action<string, string, long> add)
    {
        var titles = ReadTitles(folder, "D_ICD_PROCEDURES.csv");
        using var table = PublishedTable.Open(folder, "PROCEDURES_ICD.csv", "subject_id", "hadm_id", "icd9_code");
        while (table.Read())
        {
            var code = table["icd9_code"];
            rows.Describe($"procedure {code}", titles.GetValueOrDefault(code, $"procedure {code}"), ["procedure"]);
            add(table["subject_id"], $"procedure {code}", admissions[table["hadm_id"]].End);
        }
    }

    // The three-digit category: of 100 patients few share a full code.
    private static void AddDiagnoses(string folder, GeneratedInteractions rows, Action<string, string, long> add)
    {
        var titles = ReadTitles(folder, "D_ICD_DIAGNOSES.csv");
        using var table = PublishedTable.Open(folder, "DIAGNOSES_ICD.csv", "subject_id", "icd9_code");
        while (table.Read())
        {
            var code = table["icd9_code"];
            var category = code.Length <= 3 ? code : code[..(code[0] == 'E' ? 4 : 3)];
            rows.Describe($"diagnosis {category}", titles.GetValueOrDefault(code, $"diagnosis {category}"), ["diagnosis"], isContext: true);
            add(table["subject_id"], $"diagnosis {category}", 0);
        }
    }

    private static Dictionary<string, (string Sex, DateTime Birth)> ReadPatients(string folder)
    {
        var patients = new Dictionary<string, (string, DateTime)>(StringComparer.Ordinal);
        using var table = PublishedTable.Open(folder, "PATIENTS.csv", "subject_id", "gender", "dob");
        while (table.Read())
        {
            patients[table["subject_id"]] = (table["gender"], table.Date("dob"));
        }

        return patients;
    }

    private static Dictionary<string, (string Patient, long Time, long End)> ReadAdmissions(string folder)
    {
        var admissions = new Dictionary<string, (string, long, long)>(StringComparer.Ordinal);
        using var table = PublishedTable.Open(folder, "ADMISSIONS.csv", "subject_id", "hadm_id", "admittime", "dischtime");
        while (table.Read())
        {
            var admitted = table.Time("admittime") ?? throw table.Missing("admittime");
            admissions[table["hadm_id"]] = (table["subject_id"], admitted, table.Time("dischtime") ?? admitted);
        }

        return admissions;
    }

    private static Dictionary<string, string> ReadTitles(string folder, string file)
    {
        var titles = new Dictionary<string, string>(StringComparer.Ordinal);
        using var table = PublishedTable.Open(folder, file, "icd9_code", "long_title");
        while (table.Read())
        {
            titles[table["icd9_code"]] = table["long_title"].ToLowerInvariant();
        }

        return titles;
    }

    private static string AgeBand(DateTime birth, long at)
    {
        var age = (int)((DateTimeOffset.FromUnixTimeSeconds(at).UtcDateTime - birth).TotalDays / 365.25);
        return age >= Century ? "age 90 or more" : string.Create(CultureInfo.InvariantCulture, $"age {age / 10 * 10} to {(age / 10 * 10) + 9}");
    }
}
