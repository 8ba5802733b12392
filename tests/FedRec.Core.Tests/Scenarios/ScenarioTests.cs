using System.Security.Cryptography;
using System.Text;
using FedRec.Core.Data;
using FedRec.Scenarios;

namespace FedRec.Core.Tests.Scenarios;

public sealed class ScenarioTests
{
    private static readonly Dictionary<string, string> s_clinic = new() { ["lambda"] = "20", ["item-dropout"] = "0.5" };
    private static readonly Dictionary<string, string> s_bank = new() { ["lambda"] = "20", ["item-dropout"] = "0.75" };

    public static TheoryData<string> Names => [.. MadeUpData.All.Skip(1).Select(scenario => scenario.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Open_SameSeed_GivesTheSameRowsAndNoContextHeldOut(string name)
    {
        var (one, other, next) = (Open(name), Open(name), Open(name, seed: 2));

        Assert.Equal(Rows(one), Rows(other));
        Assert.NotEqual(Rows(one), Rows(next));
        Assert.True(one.Test.Count > one.Users.Count / 2);
        Assert.DoesNotContain(Enumerable.Range(0, one.Users.Count).SelectMany(user => one.Test.Items(user).ToArray()), one.Catalogue.Context.Contains);
    }

    [Theory]
    [InlineData(null, "7ac52ad82202e490668f9414666daf29")]
    [InlineData("shop", "b2f5f24ba304bbb923ec76dceb7a299a")]
    [InlineData("clinic", "04a75768c86276eb31767db2e5357582")]
    [InlineData("bank", "70620bb1a50f2406c149c0825de11e13")]
    [InlineData("news", "149356bf33fe1b89a1067f2c93834d73")]
    public void Open_AnyRelease_MakesTheSameData(string? name, string sha256) =>
        Assert.Equal(sha256, Hash(MadeUpData.Open(new DatasetOptions { Scenario = name })));

    [Theory]
    [MemberData(nameof(Names))]
    public void Open_AnotherSplit_IsTheOneThatTheProtocolTellsOf_OrRefused(string name) => Assert.All(DatasetOptions.Splits.Except([DatasetOptions.LeaveLastOut]), split =>
    {
        var options = new DatasetOptions { Scenario = name, Split = split };

        if (name == "shop")
        {
            Assert.StartsWith(split, MadeUpData.Open(options).Protocol, StringComparison.Ordinal);
        }
        else
        {
            var error = Assert.Throws<ArgumentException>(() => MadeUpData.Open(options));
            Assert.StartsWith($"The split is {split}, but the scenario {name} holds out by a rule of its own: ", error.Message, StringComparison.Ordinal);
        }
    });

    [Fact]
    public void Shop_EachOfThreeCompanies_IsBetterOffInTheFederation()
    {
        var shop = new ScenarioValue(Open("shop"), "mf", []);

        Assert.Equal(["browsing", "clicks", "purchases"], shop.Data.Parties!.Names);
        Assert.All([0, 1, 2], party => Assert.True(shop.Against("alone", party).Low > 0));
    }

    [Fact]
    public void Shop_OnePerson_HasNoItemWithTwoCompanies()
    {
        var shop = Open("shop");
        var items = Enumerable.Range(0, shop.Users.Count)
            .SelectMany(user => shop.Train.Items(user).ToArray().Concat(shop.Test.Items(user).ToArray()).Select(item => (Person: shop.Users[user].Split('/')[1], item)))
            .ToList();

        Assert.Equal(items.Count, items.Distinct().Count());
    }

    [Theory]
    [InlineData("clinic")]
    [InlineData("bank")]
    public void Made_Up_FederatedBeatsThePartiesAloneAndPopularity(string name)
    {
        var value = new ScenarioValue(Open(name), "ease", name == "clinic" ? s_clinic : s_bank);

        Assert.True(value.Against("alone").Low > 0);
        Assert.True(value.Against("popularity").Low > 0);
        Assert.Equal((0, 0), (value.Against("centralised").Low, value.Against("centralised").High)); // sums are exact
    }

    [Fact]
    public void News_FederatedBeatsThePapersAloneAndPopularity()
    {
        var news = new ScenarioValue(Open("news"), "mf", []);

        Assert.True(news.Against("alone").Low > 0);
        Assert.True(news.Against("popularity").Low > 0);
    }

    [Fact]
    public void News_HeldOutArticles_AreLiveAndTrainingIsOlder()
    {
        var news = Open("news");
        var lifetimes = news.Catalogue.Lifetimes!;
        var lastTraining = Enumerable.Range(0, news.Users.Count).SelectMany(user => news.Train.Timestamps(user).ToArray()).Max();

        for (var user = 0; user < news.Users.Count; user++)
        {
            for (var i = 0; i < news.Test.Items(user).Length; i++)
            {
                Assert.True(lifetimes.IsLive(news.Test.Items(user)[i], news.Test.Timestamps(user)[i]));
                Assert.True(news.Test.Timestamps(user)[i] > lastTraining);
            }
        }
    }

    [RealDataFact("mimic-iii-demo/PRESCRIPTIONS.csv")]
    public void Clinic_MimicDemo_FederatedBeatsTheHospitalsAloneAndPopularity()
    {
        var clinic = new ScenarioValue(Open("clinic", path: RealData.Path("mimic-iii-demo")), "ease", s_clinic);

        Assert.Equal(100, clinic.Data.Users.Count);
        Assert.True(clinic.Against("alone").Low > 0);
        Assert.True(clinic.Against("popularity").Low > 0);
    }

    [RealDataFact("coil2000-insurance/ticdata2000.txt")]
    public void Bank_Coil2000_FederatedBeatsTheBanksAloneAndPopularity()
    {
        var bank = new ScenarioValue(Open("bank", path: RealData.Path("coil2000-insurance")), "ease", s_bank);

        Assert.Equal(5_822, bank.Data.Users.Count);
        Assert.True(bank.Against("alone").Low > 0);
        Assert.True(bank.Against("popularity").Low > 0);
    }

    private static Dataset Open(string name, ulong seed = 1, string? path = null) => MadeUpData.Open(new DatasetOptions { Scenario = name, SyntheticSeed = seed, Path = path });

    private static IEnumerable<string> Rows(Dataset data) => Enumerable.Range(0, data.Users.Count)
        .Select(user => $"{data.Users[user]} {data.Parties!.Of(user)}: {string.Join(',', data.Train.Items(user).ToArray())} | {string.Join(',', data.Test.Items(user).ToArray())}");

    // Of the interactions, and of what is said of them.
    private static string Hash(Dataset data)
    {
        var catalogue = data.Catalogue;
        var lines = Enumerable.Range(0, data.Items.Count).Select(item => $"{data.Items[item]}: {catalogue.Titles[item]} ({string.Join(',', catalogue.Tags[item])})")
            .Concat(Enumerable.Range(0, data.Users.Count).Select(user => $"{data.Users[user]} {data.Parties?.Of(user)}"))
            .Concat(catalogue.Eligibility.Select(rule => $"{rule.Item} {string.Join(',', rule.RequiresAny)} {string.Join(',', rule.Excludes)} {rule.Words}"));
        var rest = $"{data.Name} {data.Protocol} {string.Join(',', data.Parties?.Names ?? [])} {string.Join(',', catalogue.Context)} {catalogue.MinimumCohort} {catalogue.Lifetimes} {string.Join(',', catalogue.Lifetimes?.Published ?? [])}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{data.NumberedSha256}\n{rest}\n{string.Join('\n', lines)}")))[..32];
    }
}
