namespace FedRec.Integration.Tests;

/// <summary>The direction of the projects, asserted from what was built.</summary>
public sealed class ReferenceRulesTests
{
    public static TheoryData<string> Assemblies { get; } = [.. ReferenceRules.All.Select(rule => rule.Assembly)];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void Assembly_AsBuilt_ReferencesWhatItMayOnly(string assembly)
    {
        var references = ReferenceRules.Read(assembly);

        Assert.NotEmpty(references);
        Assert.Empty(Rule(assembly).Violations(references));
    }

    [Theory]
    [InlineData("FedRec.Core.Native", "FedRec.Core")]
    [InlineData("FedRec.Core", "Orleans.Core.Abstractions")]
    [InlineData("FedRec.Core", "Azure.Storage.Blobs")]
    [InlineData("FedRec.Core", "Microsoft.AspNetCore.Http")]
    [InlineData("FedRec.Core", "FedRec.Contracts")]
    [InlineData("FedRec.Core", "FedRec.Scenarios")]
    [InlineData("FedRec.Grains", "FedRec.Scenarios")]
    [InlineData("FedRec.Scenarios", "FedRec.Grains")]
    [InlineData("FedRec.Contracts", "FedRec.Core")]
    [InlineData("FedRec.Contracts", "TorchSharp")]
    [InlineData("FedRec.Grains", "Azure.Core")]
    [InlineData("FedRec.Grains", "Microsoft.AspNetCore.Routing")]
    [InlineData("FedRec.Grains", "FedRec.Storage")]
    [InlineData("FedRec.Storage", "FedRec.Contracts")]
    [InlineData("FedRec.Storage", "FedRec.Grains")]
    [InlineData("FedRec.Storage", "Microsoft.AspNetCore.Hosting")]
    [InlineData("FedRec.Hosting", "FedRec.Web")]
    [InlineData("FedRec.Hosting", "Microsoft.AspNetCore.Hosting")]
    [InlineData("FedRec.Web", "FedRec.Hosting")]
    [InlineData("FedRec.Web", "FedRec.Core")]
    [InlineData("FedRec.Web", "TorchSharp")]
    [InlineData("FedRec.Web", "Azure.Identity")]
    [InlineData("FedRec.Web", "Orleans.Runtime")]
    [InlineData("FedRec.Contracts", "Some.New.Package")]
    public void Violations_WithAForbiddenReference_NameIt(string assembly, string forbidden)
    {
        var references = ReferenceRules.Read(assembly).Append(forbidden);

        Assert.Equal([$"{assembly} must not reference {forbidden}."], Rule(assembly).Violations(references));
    }

    private static ReferenceRules Rule(string assembly) => ReferenceRules.All.Single(rule => rule.Assembly == assembly);
}
